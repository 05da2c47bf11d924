using System.Text.Json;
using Orleans.FL.ClientCli.Output;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>Measurements as JSON lines.</summary>
internal static class BenchJson
{
    /// <summary>One object a job: its figures by key, what was not measured left out, and its targets.</summary>
    /// <param name="measurement">What was measured.</param>
    public static string Line(Measurement measurement) => JsonSerializer.Serialize(
        new
        {
            job = measurement.Job.Name,
            disturbed = measurement.Disturbed,
            figures = measurement.Values.Where(v => double.IsFinite(v.Value))
                .ToDictionary(v => v.Key.Key, v => v.Value),
            targets = measurement.Job.Targets.Select(t => new
            {
                figure = t.Figure.Key,
                bound = t.Bound,
                target = t.Sentence,
                reached = t.Reached(measurement[t.Figure]),
            }),
        },
        JsonText.Line);

    /// <summary>One object a size.</summary>
    /// <param name="point">What was measured.</param>
    public static string Line(SizePoint point) =>
        JsonSerializer.Serialize(new
        {
            job = SizeSeries.Name,
            nodes = point.Nodes,
            modelBytes = point.ModelBytes,
            receives = point.Receives,
            seconds = point.Seconds,
            peakBytes = point.PeakBytes
        }, JsonText.Line);

    /// <summary>One object a job that could be measured.</summary>
    /// <param name="job">The job.</param>
    public static string Line(BenchJob job) => JsonSerializer.Serialize(
        new { job = job.Name, summary = job.Summary, file = job.File, targets = job.Targets.Select(t => t.Sentence) },
        JsonText.Line);
}
