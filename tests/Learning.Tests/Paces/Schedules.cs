using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Clocks;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Learning.Tests.Paces;

/// <summary>Nodes of given speeds, whose transfers take no time, and what happens to them.</summary>
internal static class Schedules
{
    /// <summary>Nodes that train one sample each.</summary>
    /// <param name="rounds">Rounds of the run.</param>
    /// <param name="seconds">Seconds of each node's training.</param>
    public static ScheduledNodes Nodes(int rounds, params double[] seconds) => Nodes(rounds, new Always(), seconds);

    public static ScheduledNodes Nodes(int rounds, Availability availability, params double[] seconds)
    {
        var clocks = new NodeClocks(new Trace(new Trace.Options { Values = [.. seconds] }), Number(1e12), Number(0),
            availability, new Seeds(1));
        return new ScheduledNodes(clocks, [.. Enumerable.Range(0, seconds.Length)], null, rounds, new Seeds(1))
        {
            Samples = _ => 1,
            Bytes = (_, _) => 0,
            Receivers = node => [.. new[] { node - 1, node + 1 }.Where(n => n >= 0 && n < seconds.Length)], // a line
        };
    }

    /// <summary>The rounds of a schedule: node, seconds and staleness of each training.</summary>
    public static IEnumerable<(int Node, double Seconds, int? Staleness)[]> Rounds(
        RoundSchedule schedule, int rounds) =>
        Enumerable.Range(0, rounds)
            .Select(r => schedule.Of(r).Finishes.Select(f => (f.Node, f.Seconds, f.Staleness)).ToArray());

    private static Constant Number(double value) => new(new Constant.Options { Value = value });
}
