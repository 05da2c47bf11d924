using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>
/// The data of all members are pooled at the server (node 0 where the topology has none), which trains alone: the
/// baseline without distribution.
/// </summary>
[Component("centralized",
    Summary = "The data of all members are pooled at the server, which trains alone: "
        + "the baseline without distribution.")]
public sealed class Centralized : Algorithm, ISpreadOneModel
{
    /// <inheritdoc/>
    public override Requirements Requires => new() { PooledData = true };

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Broadcast];
}
