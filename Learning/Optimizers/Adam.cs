using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Optimizers;

/// <summary>Adam with the L2 form of weight decay, as PyTorch's Adam.</summary>
/// <remarks>arXiv:1412.6980, algorithm 1, in the order of operations of torch.optim.Adam.</remarks>
/// <param name="options">Learning rate, decays of the moments, weight decay.</param>
[Component("adam", Summary = "Adam: steps scaled by running means of the gradient and its square; "
    + "weight decay is added to the gradient.",
    Source = "Kingma, Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1 (PyTorch's form)")]
public sealed class Adam(Adam.Options options) : Optimizer
{
    /// <summary>Options of <see cref="Adam"/>.</summary>
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

        /// <summary>Factor of the weights that is added to the gradient (L2).</summary>
        [Option("Factor of the weights that is added to the gradient (L2).", Min = 0, Max = 1000)]
        public double WeightDecay { get; init; }
    }

    private readonly AdaptiveMoments _rule = new(
        options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, Decay: options.WeightDecay, Shrinkage: 0);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Moments => AdaptiveMoments.Names;

    /// <inheritdoc/>
    public override void Step(
        Span<float> weights, Span<float> gradient, Span<float> first, Span<float> second, long step) =>
        _rule.Step(weights, gradient, first, second, step);
}
