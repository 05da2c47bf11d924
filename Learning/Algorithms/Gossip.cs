using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Decentralised SGD: each node trains, then mixes its weights with its neighbours'.</summary>
/// <remarks>
/// Lian et al. 2017 (D-PSGD), with local steps in place of one step a round, and adapting before combining:
/// what is mixed are the weights after the steps, W(x − η·g). The weights are the topology's:
/// Metropolis–Hastings by default (Xiao, Boyd, Systems and Control Letters 2004), which are doubly stochastic, so the
/// mean over all nodes is kept.
/// </remarks>
[Component("gossip", Summary = "Each node trains, then mixes its weights with its neighbours'.", Aliases = ["fedstatic", "d-psgd"],
    Source = "Lian et al., Can Decentralized Algorithms Outperform Centralized Algorithms?, NIPS 2017, arXiv:1705.09056, Algorithm 1")]
public sealed class Gossip : Algorithm
{
    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Neighbours];
}
