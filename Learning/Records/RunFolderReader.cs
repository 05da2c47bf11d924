using System.Text.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Learning.Records;

/// <summary>Reads a run's folder, whether the run is over, is going on or was killed.</summary>
public sealed class RunFolderReader
{
    private const int MaxJsonLength = 16 << 20;

    private RunFolderReader(string path) => Path = path;

    /// <summary>Full path of the folder.</summary>
    public string Path { get; }

    /// <summary>The run: the folder's name.</summary>
    public string Id => System.IO.Path.GetFileName(Path);

    /// <summary>How the run stands now.</summary>
    /// <exception cref="ExperimentException">The summary is damaged.</exception>
    public RunOutcome Status => Summary()?.Status ?? (IsOwned(Path) ? RunOutcome.Running : RunOutcome.Unfinished);

    /// <summary>Opens the folder of a run.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="ExperimentException">There is no run in it.</exception>
    public static RunFolderReader Open(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (!Directory.Exists(full))
            throw new ExperimentException($"There is no folder {full}; 'flctl list' names the runs that there are.");
        return HoldsRun(full)
            ? new RunFolderReader(full)
            : throw new ExperimentException($"{full} is not a run's folder: it has no {RunFolder.ManifestFile}.");
    }

    /// <summary>Opens a run by its id.</summary>
    /// <param name="root">Folder of all runs.</param>
    /// <param name="id">The run.</param>
    /// <exception cref="ExperimentException">There is no such run.</exception>
    public static RunFolderReader Open(string root, string id)
    {
        var path = System.IO.Path.Combine(root, RunId.Check(id));
        return Directory.Exists(path)
            ? Open(path)
            : throw new ExperimentException($"There is no run '{id}' in {System.IO.Path.GetFullPath(root)}; " +
                "'flctl list' names the runs that there are.");
    }

    /// <summary>
    /// All runs below a root, by start, the last one last; a damaged one has its error in place of its facts.
    /// </summary>
    /// <param name="root">Folder of all runs; need not exist.</param>
    public static IReadOnlyList<RunListing> List(string root)
    {
        if (!Directory.Exists(root)) return [];
        var folders = FileError.Explain(
            root, "listed", () => Directory.GetDirectories(System.IO.Path.GetFullPath(root)));
        return [.. folders.Where(f => RunId.IsValid(System.IO.Path.GetFileName(f)) && HoldsRun(f))
            .Select(f => new RunFolderReader(f).Describe())
            .OrderBy(r => r.StartedUtc ?? DateTimeOffset.MinValue).ThenBy(r => r.Id, StringComparer.Ordinal)];
    }

    /// <summary>What the run was made with; null if it was killed before it could say.</summary>
    /// <exception cref="ExperimentException">The file is damaged.</exception>
    public RunManifest? Manifest() => Read<RunManifest>(RunFolder.ManifestFile);

    /// <summary>How the run ended; null while it has no end.</summary>
    /// <exception cref="ExperimentException">The file is damaged.</exception>
    public RunSummary? Summary() => Read<RunSummary>(RunFolder.SummaryFile)?.Read();

    /// <summary>The experiment's canonical text; null if the run was killed before it was written.</summary>
    /// <exception cref="ExperimentException">The file is too long or cannot be read.</exception>
    public string? ExperimentText() =>
        Bytes(RunFolder.ExperimentFile) is { } text ? System.Text.Encoding.UTF8.GetString(text) : null;

    /// <summary>The numbers of each round that is whole; a last line that was cut by a kill is left out.</summary>
    /// <exception cref="ExperimentException">A line before the last is damaged; names it.</exception>
    public IReadOnlyList<RoundRow> Rounds() => RoundRow.ReadAll(System.IO.Path.Combine(Path, RunFolder.MetricsFile));

    /// <summary>
    /// What the run was at, in order; empty in folders of earlier versions. A last line that was cut by a kill
    /// is left out.
    /// </summary>
    /// <exception cref="ExperimentException">A line before the last is damaged; names it.</exception>
    public IReadOnlyList<PhaseRow> Phases() =>
        RowFile.Read(System.IO.Path.Combine(Path, PhaseRow.File), PhaseRow.Parse);

    /// <summary>What the lanes of the run's silos did, likewise.</summary>
    /// <exception cref="ExperimentException">A line before the last is damaged; names it.</exception>
    public IReadOnlyList<LaneRow> Lanes() => RowFile.Read(System.IO.Path.Combine(Path, LaneRow.File), LaneRow.Parse);

    private static bool HoldsRun(string path) =>
        File.Exists(System.IO.Path.Combine(path, RunFolder.ManifestFile)) ||
        File.Exists(System.IO.Path.Combine(path, RunFolder.LockFile));

    private RunListing Describe()
    {
        try
        {
            var summary = Summary();
            return new RunListing(Id, Path, Status, Manifest()?.StartedUtc, summary?.Rounds ?? Rounds().Count,
                summary?.Score, null);
        }
        catch (ExperimentException e)
        {
            return new RunListing(Id, Path, null, null, 0, null, e.Message);
        }
    }

    // The owner holds the file so that nobody else can open it; the system lets go of it when the owner dies.
    internal static bool IsOwned(string folder)
    {
        var file = System.IO.Path.Combine(folder, RunFolder.LockFile);
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return File.Exists(file);
        }
    }

    private T? Read<T>(string file) where T : class
    {
        if (Bytes(file) is not { } text) return null;
        try
        {
            return JsonSerializer.Deserialize<T>(text, RecordJson.Options) ?? throw Damaged(file, "it is null");
        }
        catch (JsonException e)
        {
            throw Damaged(file, e.Message);
        }
    }

    private byte[]? Bytes(string file)
    {
        var path = System.IO.Path.Combine(Path, file);
        return File.Exists(path) ? UserFile.Read(path, MaxJsonLength, m => Damaged(file, m)) : null;
    }

    private ExperimentException Damaged(string file, string reason) =>
        new($"{System.IO.Path.Combine(Path, file)} is damaged: {reason.TrimEnd('.')}.");
}

/// <summary>A run in a list of runs.</summary>
/// <param name="Id">The run.</param>
/// <param name="Path">Full path of its folder.</param>
/// <param name="Status">How it stands; null if its files are damaged.</param>
/// <param name="StartedUtc">When it began; null if that is not known.</param>
/// <param name="Rounds">Rounds that are done.</param>
/// <param name="Score">How good its models were in tests; null if there is no summary.</param>
/// <param name="ValidationError">What is wrong with its files; null if nothing is.</param>
public sealed record RunListing(
    string Id, string Path, RunOutcome? Status, DateTimeOffset? StartedUtc, int Rounds, TestScore? Score,
    string? ValidationError);
