using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>A topology whose graphs are drawn: once, or anew every so many rounds.</summary>
/// <param name="options">Connectivity, when to draw anew, mixing weights.</param>
public abstract class RandomTopology(RandomTopologyOptions options) : Topology(options)
{
    private const int MaxDraws = 1000;

    /// <summary>What its stream of randomness is for: the component's name.</summary>
    protected abstract string Purpose { get; }

    /// <summary>What would make connected graphs more likely; the end of a sentence.</summary>
    protected virtual string Remedy => "set connected to false";

    /// <inheritdoc/>
    public override bool IsConnectedAnyhow => options.Connected;

    /// <inheritdoc/>
    public override int Period(int nodes) => options.RedrawEvery > 0 ? 0 : 1;

    /// <inheritdoc/>
    public override int Phase(int nodes, int round) => options.RedrawEvery > 0 ? round / options.RedrawEvery : 0;

    /// <inheritdoc/>
    /// <exception cref="ExperimentException">No graph of a thousand was connected.</exception>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var phase = options.RedrawEvery > 0 ? Phase(nodes, round) : -1;
        var stream = seeds.Stream(Purpose, round: phase);
        for (var draw = 0; draw < MaxDraws; draw++)
            if (Attempt(nodes, seeds, stream) is { } graph && (!options.Connected || graph.Connected)) return graph;
        throw new ExperimentException([new ValidationError("$.topology",
            $"No connected graph of {Purpose} on {nodes} nodes came up in {MaxDraws} draws; {Remedy}.")]);
    }

    /// <summary>Draws one graph; null if the draw came to nothing.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="seeds">Randomness of what is the same whenever the graph is drawn.</param>
    /// <param name="stream">Randomness of this graph.</param>
    protected abstract Graph? Attempt(int nodes, Seeds seeds, RandomStream stream);
}
