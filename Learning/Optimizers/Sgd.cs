using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Optimizers;

/// <summary>Stochastic gradient descent with momentum and weight decay, as PyTorch's SGD with dampening 0.</summary>
/// <remarks>
/// g ← g + λw; m ← μm + g (m = g in the first step); w ← w − ηm. The same bits as torch.optim.SGD on this processor.
/// </remarks>
/// <param name="options">Learning rate, momentum, weight decay.</param>
[Component("sgd", Summary = "Stochastic gradient descent with momentum and weight decay.",
    Source = "Sutskever et al., On the importance of initialization and momentum in deep learning, "
        + "ICML 2013 (PyTorch's form)")]
public sealed class Sgd(Sgd.Options options) : Optimizer
{
    /// <summary>Options of <see cref="Sgd"/>.</summary>
    public sealed record Options
    {
        /// <summary>Learning rate.</summary>
        [Option("Learning rate.", Min = 0, Max = 1000, AboveMin = true)]
        public double LearningRate { get; init; } = 0.05;

        /// <summary>Share of the last direction that is kept.</summary>
        [Option("Share of the last direction that is kept; 0 = plain SGD.", Min = 0, Max = 1, BelowMax = true)]
        public double Momentum { get; init; }

        /// <summary>Factor of the weights that is added to the gradient.</summary>
        [Option("Factor of the weights that is added to the gradient (L2).", Min = 0, Max = 1000)]
        public double WeightDecay { get; init; }
    }

    /// <summary>Its options, for engines that take the step themselves.</summary>
    public Options Settings => options;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Moments { get; } = options.Momentum > 0 ? ["momentum"] : [];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public override void Step(
        Span<float> weights, Span<float> gradient, Span<float> first, Span<float> second, long step)
    {
        var descent = Vector512.Create(-(float)options.LearningRate);
        var momentum = Vector512.Create((float)options.Momentum);
        var decay = Vector512.Create((float)options.WeightDecay);
        var (moves, decays) = (options.Momentum > 0, options.WeightDecay > 0);
        for (var i = 0; i < weights.Length; i += Wide.Width)
        {
            var w = Wide.Load(weights, i);
            var g = Wide.Load(gradient, i);
            if (decays) g = Vector512.FusedMultiplyAdd(w, decay, g);
            if (moves)
            {
                if (step > 1) g = Wide.Load(first, i) * momentum + g;
                Wide.Store(g, first, i);
            }
            Wide.Store(Vector512.FusedMultiplyAdd(g, descent, w), weights, i);
        }
    }
}
