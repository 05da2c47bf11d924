using System.Globalization;
using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>The checkpoints of one run in a folder, and whose they are.</summary>
/// <remarks>
/// <c>claims/000003</c> says that there was a third claim. What the run has is in a folder named by the claim that it
/// belongs to, <c>000003/</c>, and the next claimant takes it over by renaming it to <c>000004/</c>: every path that an
/// older process still has in mind leads nowhere from then on, so that it can neither add, replace nor delete anything.
/// The one file that it may have open, the journal, is copied. There is always exactly one such folder: it comes
/// into being as <c>000000/</c>, with everything below it, by the rename that makes the whole, and nobody ever
/// makes another.
/// </remarks>
internal sealed class ClaimedFolder(string path)
{
    private const string JournalFile = "journal.jsonl";
    private const string FailureFile = "journal.error";
    private const string CommitPrefix = "commit-";
    private const int Shelves = 256;
    private const int Looks = 1000;
    private const int MostUnseen = 100; // a listing may miss those that are being made

    /// <summary>Full path of the folder.</summary>
    public string Path => path;

    private string Claims => System.IO.Path.Combine(path, "claims");

    /// <summary>The latest claim; 0 if there is none.</summary>
    /// <exception cref="CheckpointException">There is a claim that nobody can have made.</exception>
    public long Claimed()
    {
        if (!Directory.Exists(Claims)) return 0;
        var (latest, made) = (0L, 0L);
        foreach (var claim in Numbers(Directory.EnumerateFiles(Claims)).Where(n => n > 0))
            (latest, made) = (Math.Max(latest, claim), made + 1);
        // each is one more than the last, and none is ever deleted
        return latest - made <= MostUnseen ? latest : throw new CheckpointException(
            $"{System.IO.Path.Combine(Claims, Name(latest))} is no claim that a silo made: there are {made} files, and "
            + "claims count from 1; delete it.");
    }

    /// <summary>The folder in use, named by its claim; null if nobody claimed the run.</summary>
    public string? Current() => Claimed() > 0 ? Of(Owner()) : null;

    /// <summary>The folder that belongs to a claim; may not be there.</summary>
    public string Of(long claim) => System.IO.Path.Combine(path, Name(claim));

    public static string Journal(string place) => System.IO.Path.Combine(place, JournalFile);

    public static string JournalError(string place) => System.IO.Path.Combine(place, FailureFile);

    public static string Blobs(string place) => System.IO.Path.Combine(place, "blobs");

    public static string Blob(string place, string sha256) =>
        System.IO.Path.Combine(Blobs(place), BlobName.Check(sha256)[..2], sha256);

    public static string Commits(string place) => System.IO.Path.Combine(place, "commits");

    public static string Commit(string place, int round) =>
        System.IO.Path.Combine(Commits(place),
            string.Create(CultureInfo.InvariantCulture, $"{CommitPrefix}{round:D6}"));

    /// <summary>Rounds that have a manifest in a place, the latest first.</summary>
    public static IReadOnlyList<int> Rounds(string place)
    {
        if (!Directory.Exists(Commits(place))) return [];
        return [.. Directory.EnumerateFiles(Commits(place)).Select(System.IO.Path.GetFileName)
            .Select(f => f!.StartsWith(CommitPrefix, StringComparison.Ordinal) &&
                int.TryParse(f.AsSpan(CommitPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture,
                    out var round)
                    ? round
                    : -1)
            .Where(round => round >= 0).OrderDescending()];
    }

    /// <summary>Claims the run and takes over what it has.</summary>
    public long Take()
    {
        var claim = Next();
        try
        {
            if (Adopt(claim)) Renew(Of(claim));
        }
        catch (IOException) when (Claimed() > claim)
        {
            // Another claimed meanwhile and took the folder away: what this one writes will be refused.
        }
        return claim;
    }

    /// <summary>Refuses a process that is not the latest claimant.</summary>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    public void Require(string run, long claim)
    {
        var latest = Claimed();
        if (latest != claim) throw Stale(run, claim, latest);
    }

    public static StaleClaimException Stale(string run, long claim, long latest) => new($"Run '{run}' was claimed "
        + $"anew: this process has claim {claim}, the latest is {latest}. It lets go of the run.");

    // Only CreateNew is exclusive: File.Move without overwriting looks first and renames then. Who it is, is for
    // readers; a full disk that takes no more than the name will do.
    private long Next()
    {
        Begin();
        while (true)
        {
            var claim = Claimed() + 1;
            var file = System.IO.Path.Combine(Claims, Name(claim));
            try
            {
                using var made = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1);
                Sign(made);
                FolderDisk.Flush(Claims);
                return claim;
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another claimant was quicker: the next number, then.
            }
        }
    }

    private static void Sign(FileStream claim)
    {
        try
        {
            claim.Write(Encoding.UTF8.GetBytes($"{Environment.ProcessId} {Environment.MachineName}\n"));
            claim.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // The claim holds without a name.
        }
    }

    private void Renew(string place)
    {
        var (end, error) = FolderJournal.Measure(Journal(place));
        if (error is not null) AtomicFile.WriteText(JournalError(place), error);
        else File.Delete(JournalError(place));
        FolderJournal.Renew(Journal(place), end.Bytes);
        foreach (var left in Directory.EnumerateFiles(place, "*.tmp", SearchOption.AllDirectories)) File.Delete(left);
        FolderDisk.Flush(place);
        FolderDisk.Flush(path);
    }

    private bool Adopt(long claim)
    {
        while (true)
        {
            var owner = Owner();
            if (owner > claim) return false;
            try
            {
                Directory.Move(Of(owner), Of(claim));
                return true;
            }
            catch (IOException) when (!Directory.Exists(Of(owner)))
            {
                // Another claimant took it over meanwhile.
            }
        }
    }

    // The names are tried one by one: a listing may miss a folder that is renamed while it is made.
    private long Owner()
    {
        for (var look = 0; look < Looks; look++)
            for (var claim = Claimed(); claim >= 0; claim--)
                if (Directory.Exists(Of(claim))) return claim;
        throw new IOException("The folder with the run's blobs is missing");
    }

    private void Begin()
    {
        if (Directory.Exists(path)) return;
        var temporary = $"{path}.{System.IO.Path.GetRandomFileName()}.tmp";
        try
        {
            var whole = new ClaimedFolder(temporary);
            OwnFile.MakeFolder(temporary);
            Directory.CreateDirectory(whole.Claims);
            Directory.CreateDirectory(Commits(whole.Of(0)));
            for (var shelf = 0; shelf < Shelves; shelf++)
                Directory.CreateDirectory(
                    System.IO.Path.Combine(Blobs(whole.Of(0)), shelf.ToString("x2", CultureInfo.InvariantCulture)));
            FolderDisk.Flush(Blobs(whole.Of(0)));
            FolderDisk.Flush(whole.Of(0));
            FolderDisk.Flush(temporary);
            Directory.Move(temporary, path);
            FolderDisk.Flush(System.IO.Path.GetDirectoryName(path)!); // it is below a run's folder
        }
        catch (IOException) when (Directory.Exists(path))
        {
            // Another claimant was quicker.
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static string Name(long claim) => claim.ToString("D6", CultureInfo.InvariantCulture);

    private static IEnumerable<long> Numbers(IEnumerable<string> paths) =>
        paths.Select(p =>
            long.TryParse(System.IO.Path.GetFileName(p), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                ? n
                : 0);
}
