using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Changing;

/// <summary>A topology whose weighted graphs follow each other and begin again.</summary>
/// <param name="options">Mixing weights.</param>
public abstract class Schedule(TopologyOptions options) : Topology(options)
{
    private volatile Known? _known;

    /// <inheritdoc/>
    public override bool Weighted => true;

    /// <inheritdoc/>
    public override int Period(int nodes) => Of(nodes).Count;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var rounds = Of(nodes);
        return rounds[round % rounds.Count];
    }

    /// <summary>The graphs of one period; empty for a single node.</summary>
    /// <param name="nodes">Number of nodes.</param>
    protected abstract IReadOnlyList<Graph> Rounds(int nodes);

    /// <summary>The rounds, kept for the number of nodes that was asked for last.</summary>
    private IReadOnlyList<Graph> Of(int nodes)
    {
        if (_known is { } known && known.Nodes == nodes) return known.Rounds;
        var rounds = Rounds(nodes);
        if (rounds.Count == 0) rounds = [new MatchingGraph([.. Enumerable.Range(0, nodes)], 1)];
        _known = new Known(nodes, rounds);
        return rounds;
    }

    private sealed record Known(int Nodes, IReadOnlyList<Graph> Rounds);
}
