using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Federated averaging with momentum at the server.</summary>
/// <remarks>
/// Hsu, Qi, Brown 2019, section 4.2: v ← βv + Δ, w ← w + ηv, with Δ the mean change of the round. β = 0 and
/// η = 1 are fedavg.
/// </remarks>
/// <param name="options">Client fraction, β and η.</param>
[Component("fedavgm", Summary = "Federated averaging with momentum at the server.", Aliases = ["fedavg-m"],
    Source = "Hsu et al., Measuring the Effects of Non-Identical Data Distribution for Federated Visual "
        + "Classification, 2019, arXiv:1909.06335")]
public sealed class FedAvgM(FedAvgM.Options options) : ServerStep(options), IKeepServerState
{
    private const string Velocity = "fedavgm.velocity";

    /// <summary>Options of <see cref="FedAvgM"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Share of the last direction that the server keeps.</summary>
        [Option("Share β of the last direction that the server keeps; 0 = fedavg.", Min = 0, Max = 1, BelowMax = true)]
        public double ServerMomentum { get; init; } = 0.9;

        /// <summary>Learning rate of the server.</summary>
        [Option("Learning rate η of the server.", Min = 0, Max = 100, AboveMin = true)]
        public double ServerLearningRate { get; init; } = 1;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ServerMemory => [Velocity];

    /// <inheritdoc/>
    protected override ParameterVector Step(Learner me, ParameterVector change)
    {
        var velocity = Vectors.Combine(me.Recall(Velocity), options.ServerMomentum, change, 1);
        me.Memory[Velocity] = velocity;
        return Vectors.Combine(me.RoundStart, 1, velocity, options.ServerLearningRate);
    }
}
