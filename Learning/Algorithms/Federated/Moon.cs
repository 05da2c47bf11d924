using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>
/// Federated averaging whose local loss draws features to those of the shared model and away from those of the
/// node's last one.
/// </summary>
/// <remarks>
/// Li, He, Song 2021, equations 3 to 5: the loss gains μ·ℓ_con, with cosines of features divided by τ. The features
/// are what the last layer takes in; the paper puts two more layers before it, which the models here do not have. In a
/// node's first round there is no model to be drawn away from, and no term.
/// </remarks>
/// <param name="options">Client fraction, μ and τ.</param>
[Component("moon", Summary = "Federated averaging whose local loss draws features to the shared model's and away from "
    + "those of the node's last one.",
    Source = "Li et al., Model-Contrastive Federated Learning, CVPR 2021, arXiv:2103.16257, Algorithm 1")]
public sealed class Moon(Moon.Options options) : FederatedAlgorithm(options)
{
    private const string Last = "moon.last";

    /// <summary>Options of <see cref="Moon"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Strength of the contrastive term.</summary>
        [Option("Strength μ of the contrastive term; 0 = fedavg.", Min = 0, Max = 1000)]
        public double Mu { get; init; } = 1;

        /// <summary>Temperature of the contrastive term.</summary>
        [Option("Temperature τ of the contrastive term.", Min = 0, Max = 1000, AboveMin = true)]
        public double Temperature { get; init; } = 0.5;
    }

    /// <inheritdoc/>
    public override PersistentState PersistentState => PersistentState.Memory;

    /// <inheritdoc/>
    protected override Requirements Needs => new() { Torch = options.Mu > 0 };

    /// <inheritdoc/>
    public override LocalObjective Objective(Learner me) =>
        options.Mu == 0 || !me.Memory.TryGetValue(Last, out var last)
            ? LocalObjective.None
            : new() { Contrast = new((float)options.Mu, (float)options.Temperature, me.RoundStart, [last]) };

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result)
    {
        if (options.Mu > 0) me.Memory[Last] = result.Weights;
    }
}
