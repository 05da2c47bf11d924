using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Records;

public sealed partial class RunFolder
{
    /// <summary>Takes a run's folder over from an owner that is gone, or makes it anew on another machine.</summary>
    /// <remarks>
    /// Who calls it must know, from elsewhere, that the run is its own. Metrics, events, TensorBoard, log and lock
    /// are new files that are renamed over the old ones, so that an owner that was only thought dead holds files that
    /// nobody sees any more. TensorBoard's wall times are those of the rebuilding. The log begins with what it held.
    /// Files that are written as a whole (experiment, manifest, seats, split, graph, weights) are left as they are;
    /// a summary, the mark of a run that is over, is deleted. An owner that comes back could still write such whole
    /// files: it must look at its claim first.
    /// </remarks>
    /// <param name="root">Folder of all runs; made if it does not exist.</param>
    /// <param name="id">The run; its folder's name.</param>
    /// <param name="time">Gives log lines and events their times.</param>
    /// <param name="task">The run's task, whose metrics are recorded.</param>
    /// <param name="rounds">The rounds that are done, in their order; may be a sequence that is read as it is
    /// written.</param>
    /// <param name="events">The lines of <c>events.jsonl</c>.</param>
    /// <param name="metrics">Metrics that the run records besides the fixed columns; null for none.</param>
    /// <exception cref="ExperimentException">The id is no run id, or the folder cannot be written to.</exception>
    public static RunFolder Rebuild(string root, string id, TimeProvider time, LearningTask task,
        IEnumerable<RoundReport> rounds, IEnumerable<string> events, IReadOnlyList<Metric>? metrics = null)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(root, RunId.Check(id)));
        var aside = System.IO.Path.Combine(path, $".rebuild-{System.IO.Path.GetRandomFileName()}");
        return FileError.Explain(path, "rebuilt", () =>
        {
            OwnFile.MakeFolder(path);
            foreach (var left in Directory.GetDirectories(path, ".rebuild-*"))
                if (!RunFolderReader.IsOwned(left)) Directory.Delete(left, recursive: true);
            Directory.CreateDirectory(aside);
            var open = new Stack<IDisposable>();
            try
            {
                var owner = Keep(Own(id, aside));
                var record = Keep(new RoundRecord(aside, time, task, metrics ?? []));
                foreach (var round in rounds) record.Append(round);
                var lines = Keep(new LineFile(System.IO.Path.Combine(aside, EventsFile)));
                foreach (var line in events) lines.Append(OneLine(line));
                lines.Flush();
                var (oldLog, newLog) = (System.IO.Path.Combine(path, LogFile), System.IO.Path.Combine(aside, LogFile));
                if (File.Exists(oldLog)) CopyShared(oldLog, newLog);
                var log = Keep(LineFile.Continue(newLog));

                Replace(aside, path, LockFile);
                record.MoveTo(aside, path);
                Replace(aside, path, EventsFile);
                Replace(aside, path, LogFile);
                File.Delete(System.IO.Path.Combine(path, SummaryFile));
                Directory.Delete(aside, recursive: true);
                return new RunFolder(id, path, owner, time, log, lines, record);
            }
            catch
            {
                while (open.TryPop(out var file)) file.Dispose();
                if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
                throw;
            }

            T Keep<T>(T file) where T : IDisposable
            {
                open.Push(file);
                return file;
            }
        });
    }

    private static void CopyShared(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        source.CopyTo(target);
    }

    private static void Replace(string from, string to, string file) =>
        File.Move(System.IO.Path.Combine(from, file), System.IO.Path.Combine(to, file), overwrite: true);

    private static string OneLine(string json) => json.AsSpan().IndexOfAny('\n', '\r') < 0
        ? json
        : throw new ArgumentException("An event is one line.", nameof(json));
}
