using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>A server that makes a new model of the first updates that arrive, by the clock.</summary>
/// <remarks>
/// As <see cref="ServerSchedule"/>, a node gives each model at most one update. Who begins is decided when a model is
/// there; a place that becomes free before the next one waits for that.
/// </remarks>
internal sealed class LiveServerSchedule : LiveSchedule
{
    private readonly int[] _nodes;
    private readonly Seeds _seeds;
    private readonly int _places;

    private LiveServerSchedule(int[] nodes, Seeds seeds, int updates, int places)
        : base(Draw(nodes, places, seeds, 0)) =>
        (_nodes, _seeds, _places, Needed) = (nodes, seeds, places, Math.Min(updates, nodes.Length));

    /// <summary>The schedule of a server.</summary>
    /// <param name="nodes">The nodes; those without samples never train.</param>
    /// <param name="updates">Updates that make a new model; at most one of each node.</param>
    /// <param name="concurrency">Nodes that train at the same time, not fewer than <paramref name="updates"/>; 0 for
    /// all.</param>
    public static LiveServerSchedule Of(LiveNodes nodes, int updates, int concurrency)
    {
        int[] able = [.. nodes.Ranks.Where(n => nodes.Samples(n) > 0)];
        return new LiveServerSchedule(able, nodes.Seeds, updates,
            concurrency == 0 ? able.Length : Math.Min(concurrency, able.Length));
    }

    /// <inheritdoc/>
    public override int Needed { get; }

    /// <inheritdoc/>
    protected override int Most => Needed;

    /// <inheritdoc/>
    protected override IReadOnlyList<int> Next(IReadOnlyList<int> arrived, IReadOnlySet<int> training) =>
        Draw([.. _nodes.Where(n => !training.Contains(n))], _places - UnderWay, _seeds, Round);

    /// <inheritdoc/>
    protected override IReadOnlyList<int> Shown(IReadOnlyList<int> arrived, IReadOnlyList<int> begun) => begun;

    private static int[] Draw(int[] nodes, int count, Seeds seeds, int round)
    {
        if (nodes.Length <= count) return nodes;
        int[] drawn =
            [.. seeds.Stream("pace/live", round: round).Permutation(nodes.Length).Take(count).Select(i => nodes[i])];
        Array.Sort(drawn);
        return drawn;
    }
}
