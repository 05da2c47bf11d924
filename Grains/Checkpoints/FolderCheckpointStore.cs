using System.Collections.Concurrent;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>
/// Checkpoints in the folders of the runs, <c>{runs}/{run}/checkpoints</c>: for one machine, or a shared file system.
/// </summary>
/// <remarks>
/// <para>
/// A claim is a file <c>claims/000003</c> that only one can make. What the run has is in <c>000003/</c>:
/// <c>blobs/ab/abcdef…</c>, <c>commits/commit-000012</c>, <c>journal.jsonl</c>; the next claim renames that folder.
/// Files are written under another name, put on disk and renamed; names are put on disk where the system can (not
/// on Windows).
/// </para>
/// <para>
/// The claim is looked at before a write and again before it is acknowledged. A process that was stopped in
/// between writes into a folder that is not there any more, or into a journal that has been copied; in either case
/// it is refused.
/// </para>
/// </remarks>
/// <param name="runs">Folder of all runs.</param>
public sealed class FolderCheckpointStore(string runs) : ICheckpointStore
{
    private const int Attempts = 10;
    private const int NoSpaceOnUnix = 28, NoQuotaOnLinux = 122, NoQuotaOnMac = 69,
        NoSpaceOnWindows = unchecked((int)0x80070070);

    private readonly string _runs = Path.GetFullPath(runs);
    private readonly ConcurrentDictionary<string, Writing> _writing = [];

    /// <inheritdoc/>
    public string Name => $"the folder {_runs}";

    /// <inheritdoc/>
    public Task<long> Claim(string run) => Do(run, "claimed", (folder, _) => folder.Take());

    /// <inheritdoc/>
    public Task<long> Claimed(string run) => Do(run, "read", (folder, _) => folder.Claimed());

    /// <inheritdoc/>
    public Task<bool> HasBlob(string run, string sha256) => Do(run, "read", (folder, _) =>
        File.Exists(ClaimedFolder.Blob(Place(folder), sha256)) ||
        File.Exists(ClaimedFolder.Blob(Place(folder), sha256))); // a claim may have renamed it meanwhile

    /// <inheritdoc/>
    public Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes) => Do(run, "written to", (folder, _) =>
    {
        var place = folder.Current() ??
            throw new CheckpointException($"Run '{run}' has no checkpoints in {folder.Path}: it was never claimed.");
        var file = ClaimedFolder.Blob(place, sha256);
        if (!File.Exists(file))
        {
            AtomicFile.Write(file, stream => stream.Write(bytes.Span));
            FolderDisk.Flush(Path.GetDirectoryName(file)!); // a blob's path has a folder
        }
        if (folder.Current() != place) throw new AgainException();
        return true;
    });

    /// <inheritdoc/>
    public Task ReadBlob(string run, string sha256, Memory<byte> into) => Do(run, "read", (folder, first) =>
    {
        var file = ClaimedFolder.Blob(Place(folder), sha256);
        if (!File.Exists(file))
        {
            if (first) throw new AgainException(); // a claim may have renamed it meanwhile
            throw new DamagedCheckpointException($"There is no blob {sha256} of run '{run}' in {folder.Path}.");
        }
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        if (stream.Length != into.Length)
            throw new DamagedCheckpointException(
                $"{file} has {stream.Length} bytes where {into.Length} were expected.");
        stream.ReadExactly(into.Span);
        return true;
    });

    /// <inheritdoc/>
    public Task DropBlob(string run, string sha256) => Do(run, "changed", (folder, _) =>
    {
        Delete(ClaimedFolder.Blob(Place(folder), sha256));
        return true;
    });

    /// <inheritdoc/>
    public Task Append(string run, long claim, string line) => Fenced(run, claim, "written to", (folder, place) =>
    {
        var mine = _writing.GetOrAdd(run, _ => new Writing());
        lock (mine)
        {
            var file = ClaimedFolder.Journal(place);
            if (mine.Claim != claim) (mine.Claim, mine.End) = (claim, FolderJournal.Measure(file).End);
            mine.End = FolderJournal.Append(file, mine.End, line);
        }
    });

    /// <inheritdoc/>
    public Task<JournalLines> Journal(string run) => Do(run, "read", (folder, _) =>
    {
        if (folder.Current() is not { } place) return new JournalLines([], null);
        var (lines, error) = FolderJournal.Read(ClaimedFolder.Journal(place));
        var earlier = ClaimedFolder.JournalError(place);
        error ??= File.Exists(earlier) ? File.ReadAllText(earlier) : null;
        if (folder.Current() != place) throw new AgainException();
        return new JournalLines(lines, error);
    });

    /// <inheritdoc/>
    public Task Commit(string run, long claim, int round, ReadOnlyMemory<byte> manifest)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(round);
        return Fenced(run, claim, "written to", (_, place) =>
        {
            AtomicFile.Write(ClaimedFolder.Commit(place, round), stream => stream.Write(manifest.Span));
            FolderDisk.Flush(ClaimedFolder.Commits(place));
        });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<int>> Commits(string run) => Do(run, "read", (folder, _) =>
    {
        if (folder.Current() is not { } place) return [];
        var rounds = ClaimedFolder.Rounds(place);
        if (folder.Current() != place) throw new AgainException();
        return rounds;
    });

    /// <inheritdoc/>
    public Task<byte[]> ReadCommit(string run, int round) => Do(run, "read", (folder, first) =>
    {
        var file = ClaimedFolder.Commit(Place(folder), round);
        if (!File.Exists(file))
        {
            if (first) throw new AgainException();
            throw new DamagedCheckpointException(
                $"There is no checkpoint of run '{run}' after round {round} in {folder.Path}.");
        }
        return new FileInfo(file).Length <= CheckpointManifest.MaxBytes
            ? File.ReadAllBytes(file)
            : throw new DamagedCheckpointException(
                $"{file} has more than {CheckpointManifest.MaxBytes} bytes: it is no manifest.");
    });

    /// <inheritdoc/>
    public Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs) =>
        Fenced(run, claim, "changed", (_, place) =>
        {
            foreach (var round in ClaimedFolder.Rounds(place).Where(r => r < firstRound))
                Delete(ClaimedFolder.Commit(place, round));
            Sweep(place, blobs);
        });

    /// <inheritdoc/>
    public Task Forget(string run) => Do(run, "changed", (folder, _) =>
    {
        if (folder.Current() is not { } place) return true;
        foreach (var round in ClaimedFolder.Rounds(place)) Delete(ClaimedFolder.Commit(place, round));
        Sweep(place, new HashSet<string>());
        return true;
    });

    private static void Sweep(string place, IReadOnlySet<string> kept)
    {
        if (!Directory.Exists(ClaimedFolder.Blobs(place))) return;
        foreach (var shelf in Directory.EnumerateDirectories(ClaimedFolder.Blobs(place)))
            foreach (var file in Directory.EnumerateFiles(shelf))
                if (Path.GetFileName(file) is var name && BlobName.IsValid(name) && !kept.Contains(name)) Delete(file);
    }

    private static void Delete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder.
        }
    }

    // Nobody reads from this path: it stands for a folder that is not there.
    private static string Place(ClaimedFolder folder) => folder.Current() ?? Path.Combine(folder.Path, "unclaimed");

    private Task<bool> Fenced(string run, long claim, string verb, Action<ClaimedFolder, string> work) =>
        Do(run, verb, (folder, _) =>
        {
            folder.Require(run, claim);
            try
            {
                work(folder, folder.Of(claim));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                folder.Require(run, claim); // a folder that was taken over looks like one that is missing
                throw;
            }
            folder.Require(run, claim);
            return true;
        });

    private Task<T> Do<T>(string run, string verb, Func<ClaimedFolder, bool, T> work)
    {
        var folder = new ClaimedFolder(Path.Combine(_runs, RunId.Check(run), "checkpoints"));
        return Task.Run(() =>
        {
            for (var i = 0; ; i++)
            {
                try
                {
                    return work(folder, i == 0);
                }
                catch (Exception e) when (e is AgainException or FileNotFoundException or DirectoryNotFoundException
                    && i < Attempts)
                {
                    // A claim renamed the folder in between; its new name is found anew.
                }
                catch (Exception e)
                    when (e is AgainException or IOException or UnauthorizedAccessException or NotSupportedException)
                {
                    throw new CheckpointException(
                        $"{folder.Path} cannot be {verb}: {e.Message.TrimEnd('.')}. {Remedy(e)}", e);
                }
            }
        });
    }

    private static string Remedy(Exception e) => e switch
    {
        { HResult: NoSpaceOnUnix or NoQuotaOnLinux or NoQuotaOnMac or NoSpaceOnWindows } =>
            "Free space there; the checkpoint before this one is as it was.",
        UnauthorizedAccessException => "Give the user that the silo runs as the right to write there.",
        _ => "The checkpoint before this one is as it was.",
    };

    private sealed class Writing
    {
        public long Claim { get; set; }

        public FolderJournal.FileEnd End { get; set; }
    }

    private sealed class AgainException() : Exception("it is claimed again and again");
}
