using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Optimizers;

/// <summary>Adam whose weight decay shrinks the weights themselves, as PyTorch's AdamW.</summary>
/// <remarks>arXiv:1711.05101, algorithm 2, in the order of operations of torch.optim.AdamW.</remarks>
/// <param name="options">Learning rate, decays of the moments, weight decay.</param>
[Component("adamw", Summary = "Adam with decoupled weight decay.",
    Source = "Loshchilov, Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2 (PyTorch's form)")]
public sealed class AdamW(AdamW.Options options) : Optimizer
{
    /// <summary>Options of <see cref="AdamW"/>.</summary>
    public sealed record Options
    {
        /// <summary>Learning rate.</summary>
        [Option("Learning rate.", Min = 0, Max = 1000, AboveMin = true)]
        public double LearningRate { get; init; } = 0.001;

        /// <summary>Decay of the mean of the gradients.</summary>
        [Option("Decay of the mean of the gradients.", Min = 0, Max = 1, BelowMax = true)]
        public double Beta1 { get; init; } = 0.9;

        /// <summary>Decay of the mean of the squared gradients.</summary>
        [Option("Decay of the mean of the squared gradients.", Min = 0, Max = 1, BelowMax = true)]
        public double Beta2 { get; init; } = 0.999;

        /// <summary>What is added to the root of the mean square.</summary>
        [Option("What is added to the root of the mean square, against division by zero.",
            Min = 0, Max = 1, AboveMin = true)]
        public double Epsilon { get; init; } = 1e-8;

        /// <summary>Share of the weights that a step of length 1 takes away.</summary>
        [Option("Share of the weights that a step of length 1 takes away.", Min = 0, Max = 1000)]
        public double WeightDecay { get; init; } = 0.01;
    }

    private readonly AdaptiveMoments _rule = new(
        options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, Decay: 0, Shrinkage: options.WeightDecay);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Moments => AdaptiveMoments.Names;

    /// <inheritdoc/>
    public override void Step(
        Span<float> weights, Span<float> gradient, Span<float> first, Span<float> second, long step) =>
        _rule.Step(weights, gradient, first, second, step);
}
