using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>
/// Federated averaging: nodes train, the server averages them by their number of samples, all go on from the average.
/// </summary>
/// <remarks>
/// McMahan et al. 2017, Algorithm 1: C is <c>clientFraction</c>, E and B are the training's epochs and batch size,
/// max(C·n, 1) nodes train in a round. The server is an ordinary node: it trains too. On a topology without a server
/// each node averages its neighbourhood, the mixing weights times the numbers of samples.
/// </remarks>
/// <param name="options">Client fraction.</param>
[Component("fedavg",
    Summary = "Nodes train, the server averages them by their number of samples, all go on from the average.",
    Source = "McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017, "
        + "arXiv:1602.05629, Algorithm 1")]
public sealed class FedAvg(FedAvg.Options options) : FederatedAlgorithm(options)
{
    /// <summary>Options of <see cref="FedAvg"/>.</summary>
    public sealed record Options : FederatedOptions;

    /// <inheritdoc/>
    public override PersistentState PersistentState => PersistentState.Memory;
}

/// <summary>An algorithm whose nodes average at a server, or over their neighbourhood where there is none.</summary>
/// <param name="options">Client fraction.</param>
public abstract class FederatedAlgorithm(FederatedOptions options) : Algorithm
{
    /// <inheritdoc/>
    public sealed override Requirements Requires => Needs with { ClientFraction = options.ClientFraction };

    /// <summary>What it needs besides the nodes that train.</summary>
    protected virtual Requirements Needs => Requirements.None;

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => topology.Server is null
        ? [ExchangeKind.NeighboursBySamples]
        : [ExchangeKind.GatherBySamples, ExchangeKind.Broadcast];
}

/// <summary>Options of algorithms in which only some nodes train in a round.</summary>
public record FederatedOptions
{
    /// <summary>Share of the nodes that train in a round (C).</summary>
    [Option("Share of the nodes that train in a round (C): of n members C·n, rounded to the nearest whole number "
        + "(the even one of two), and at least one.", Min = 0, Max = 1)]
    public double ClientFraction { get; init; } = 1;
}
