using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>Nodes are available at the times that you give, in the experiment or in a file.</summary>
/// <remarks>
/// After the last end of all the trace begins again, as FedScale's traces do (Lai et al. 2022). Nodes that it does not
/// name are always there.
/// </remarks>
/// <param name="options">Times or file.</param>
[Component("trace", Summary = "Nodes are available at the times that you give, in the experiment or in a CSV file of "
    + "node, start, end; after the last end it begins again.")]
public sealed class AvailabilityTrace(AvailabilityTrace.Options options) : Availability, ICheckSettings
{
    /// <summary>Options of <see cref="AvailabilityTrace"/>.</summary>
    public sealed record Options : IReadFiles
    {
        /// <summary>When nodes are there.</summary>
        [Option("When nodes are there: [node, start, end] in seconds. Nodes without an entry are always there.",
            Min = 0, Max = 1e12)]
        public EquatableList<EquatableList<double>> Times { get; init; } = [];

        /// <summary>A file with the times.</summary>
        [Option("A CSV file with columns node, start and end, from the folder of the experiment file. "
            + "Its content takes the place of this option.", Max = 4096)]
        public string File { get; init; } = "";

        /// <inheritdoc/>
        public object Read(string folder)
        {
            if (File.Length == 0) return this;
            var rows = TraceFile.Read(Path.Combine(folder, File), "start", "end");
            foreach (var row in rows)
                if (Refusal(row.Values[0], row.Values[1]) is { } refusal) throw row.Wrong(refusal);
            return this with
            {
                File = "",
                Times = [.. Times, .. rows.Select(r => new EquatableList<double>([r.Node, .. r.Values]))]
            };
        }

        internal static string? Refusal(double start, double end) =>
            start >= 0 && start < end && end <= 1e12
                ? null
                : $"from {start} to {end} is no time; write a start of 0 or more, and an end after it";
    }

    private readonly ILookup<int, (double Start, double End)> _times =
        options.Times.Where(t => t.Count == 3).OrderBy(t => t[1]).ToLookup(t => (int)t[0], t => (t[1], t[2]));

    private readonly double _period = options.Times.Where(t => t.Count == 3).Select(t => t[2]).DefaultIfEmpty(0).Max();

    /// <inheritdoc/>
    public override Func<double, double> Of(int node, Seeds seeds)
    {
        var times = _times[node].ToArray();
        if (times.Length == 0) return time => time;
        return time =>
        {
            var begun = Math.Floor(time / _period) * _period;
            foreach (var (start, end) in times)
                if (begun + end > time) return Math.Max(begun + start, time);
            return begun + _period + times[0].Start;
        };
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (options.File.Length > 0)
            yield return new ValidationError("file", $"The file '{options.File}' was not read: "
                + "name it in an experiment file, or give its content as times.");
        else if (options.Times.Count == 0)
            yield return new ValidationError("times",
                "The trace is empty; give times, e.g. [[0, 0, 3600]], or a file, or set availability to always.");
        for (var i = 0; i < options.Times.Count; i++)
        {
            var time = options.Times[i];
            if (time.Count != 3 || !double.IsInteger(time[0]))
                yield return new ValidationError($"times[{i}]", "An entry is [node, start, end].");
            else if (time[0] >= facts.Nodes)
                yield return new ValidationError($"times[{i}]",
                    $"There is no node {time[0]}: ranks are 0 to {facts.Nodes - 1}.");
            else if (Options.Refusal(time[1], time[2]) is { } refusal)
                yield return new ValidationError($"times[{i}]", $"The entry {refusal}.");
        }
    }
}
