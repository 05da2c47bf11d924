using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>Each node trains on its own data and receives from nobody: the baseline without collaboration.</summary>
[Component("isolated",
    Summary = "Each node trains on its own data and receives from nobody: the baseline without collaboration.",
    Aliases = ["fediso"])]
public sealed class Isolated : Algorithm
{
    /// <inheritdoc/>
    public override Requirements Requires => new() { NotAtServer = true };

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [];

    /// <summary>Keeps the weights: nodeOverrides may isolate a node in a run whose other nodes exchange.</summary>
    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received) { }
}
