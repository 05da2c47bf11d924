using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Federated averaging whose local loss is held near the round's starting point by (μ/2)·‖w − w₀‖².</summary>
/// <remarks>Li et al. 2020, Algorithm 2, with a fixed number of local epochs instead of γ-inexact solutions.</remarks>
/// <param name="options">Client fraction and μ.</param>
[Component("fedprox",
    Summary = "Federated averaging whose local loss is held near the round's starting point by (μ/2)·‖w − w₀‖².",
    Source = "Li et al., Federated Optimization in Heterogeneous Networks, MLSys 2020, arXiv:1812.06127, Algorithm 2")]
public sealed class FedProx(FedProx.Options options) : FederatedAlgorithm(options)
{
    /// <summary>Options of <see cref="FedProx"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Strength of the proximal term.</summary>
        [Option("Strength μ of the proximal term; 0 = fedavg.", Min = 0, Max = 1000)]
        public double Mu { get; init; } = 0.01;
    }

    /// <inheritdoc/>
    public override PersistentState PersistentState => PersistentState.Memory;

    /// <inheritdoc/>
    public override LocalObjective Objective(Learner me) =>
        options.Mu == 0 ? LocalObjective.None : new LocalObjective((float)options.Mu, me.RoundStart);
}
