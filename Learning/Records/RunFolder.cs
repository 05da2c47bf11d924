using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Records;

/// <summary>The folder that a run writes: everything that it takes to read it, plot it and do it again.</summary>
/// <remarks>
/// One process owns it, from <see cref="Create"/> or <see cref="Rebuild"/> to <see cref="Dispose"/>, by a lock on the
/// file <c>.lock</c>;
/// <see cref="RunFolderReader"/> reads it at any time. The files are described in <c>docs/run-folder.md</c>.
/// </remarks>
public sealed partial class RunFolder : IDisposable
{
    internal const string LockFile = ".lock";
    internal const string ExperimentFile = "experiment.json";
    internal const string ManifestFile = "manifest.json";
    internal const string SummaryFile = "summary.json";
    internal const string MetricsFile = "metrics.jsonl";
    private const string LogFile = "log.txt";
    private const string EventsFile = "events.jsonl";
    private const string WeightsFolder = "weights";
    private const string NodeWeightsFolder = "nodes";

    private readonly FileStream _owner;
    private readonly TimeProvider _time;
    private readonly LineFile _log;
    private readonly LineFile _events;
    private readonly RoundRecord _rounds;

    private RunFolder(
        string id, string path, FileStream owner, TimeProvider time, LineFile log, LineFile events, RoundRecord rounds)
    {
        Id = id;
        Path = path;
        _owner = owner;
        _time = time;
        _log = log;
        _events = events;
        _rounds = rounds;
        Directory.CreateDirectory(In(WeightsFolder, NodeWeightsFolder));
    }

    /// <summary>The run.</summary>
    public string Id { get; }

    /// <summary>Full path of the folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Makes the folder of a new run. Of several that try at once, in whatever processes, one succeeds.
    /// </summary>
    /// <param name="root">Folder of all runs; made if it does not exist.</param>
    /// <param name="id">The run; its folder's name.</param>
    /// <param name="time">Gives log lines and events their times.</param>
    /// <param name="task">The run's task, whose metrics are recorded.</param>
    /// <param name="metrics">Metrics that the run records besides the fixed columns; null for none.</param>
    /// <exception cref="RunExistsException">The run exists.</exception>
    /// <exception cref="ExperimentException">The id is no run id, or the folder cannot be made.</exception>
    public static RunFolder Create(
        string root, string id, TimeProvider time, LearningTask task, IReadOnlyList<Metric>? metrics = null)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(root, RunId.Check(id)));
        if (Directory.Exists(path) || File.Exists(path)) throw new RunExistsException(id, path);
        return FileError.Explain(path, "made", () =>
        {
            OwnFile.MakeFolder(path);
            var owner = Own(id, path);
            try
            {
                return new RunFolder(id, path, owner, time, new LineFile(System.IO.Path.Combine(path, LogFile)),
                    new LineFile(System.IO.Path.Combine(path, EventsFile)),
                    new RoundRecord(path, time, task, metrics ?? []));
            }
            catch
            {
                owner.Dispose();
                throw;
            }
        });
    }

    /// <summary>Writes the experiment's canonical text.</summary>
    /// <param name="json">The text.</param>
    public void WriteExperiment(string json) => AtomicFile.WriteText(In(ExperimentFile), json);

    /// <summary>Adds a line to <c>events.jsonl</c> and hands it to the operating system.</summary>
    /// <param name="json">One JSON object without line breaks.</param>
    public void AppendEvent(string json) => _events.AppendNow(OneLine(json));

    /// <summary>Adds a line with the time (UTC) to <c>log.txt</c> and hands it to the operating system.</summary>
    /// <param name="text">What happened; further lines of it are indented.</param>
    public void Log(string text) =>
        _log.AppendNow($"{_time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} "
            + Printable.Of(text.TrimEnd()).ReplaceLineEndings("\n    "));

    /// <summary>
    /// Records a round in the metrics files and in TensorBoard, and hands all of it to the operating system.
    /// </summary>
    /// <param name="report">The round.</param>
    public void AppendRound(RoundReport report) => _rounds.Append(report);

    /// <summary>
    /// Closes the files and lets go of the folder; without a summary the run counts as unfinished from now on.
    /// </summary>
    public void Dispose()
    {
        _rounds.Dispose();
        _events.Dispose();
        _log.Dispose();
        _owner.Dispose();
    }

    /// <summary>A path below the folder.</summary>
    private string In(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    // Two may find no folder and both make it, but only one can make the file. It stays when the run is over, so that
    // nobody who looked before it was made can come late.
    private static FileStream Own(string id, string path)
    {
        var file = System.IO.Path.Combine(path, LockFile);
        try
        {
            var owner = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            owner.Write(System.Text.Encoding.UTF8.GetBytes($"{Environment.ProcessId} {Environment.MachineName}\n"));
            owner.Flush();
            return owner;
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new RunExistsException(id, path);
        }
    }
}
