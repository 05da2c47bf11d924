using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orleans.FL.Learning.Optimizers;

/// <summary>The step that Adam and AdamW share.</summary>
/// <param name="LearningRate">η.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">ε, added to the root of the second moment.</param>
/// <param name="Decay">λ of the L2 term that is added to the gradient; 0 for AdamW.</param>
/// <param name="Shrinkage">λ of the decoupled decay, w ← (1 − ηλ)w; 0 for Adam.</param>
internal readonly record struct AdaptiveMoments(
    double LearningRate, double Beta1, double Beta2, double Epsilon, double Decay, double Shrinkage)
{
    /// <summary>Names of the two moments.</summary>
    public static IReadOnlyList<string> Names { get; } = ["first-moment", "second-moment"];

    /// <summary>One step over a slice, in place.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="gradient">Their gradient.</param>
    /// <param name="first">Mean of the gradients.</param>
    /// <param name="second">Mean of the squared gradients.</param>
    /// <param name="step">Number of this step, from 1.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Step(
        Span<float> weights, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, long step)
    {
        var descent = Vector512.Create((float)(-LearningRate / (1 - Math.Pow(Beta1, step))));
        var correction = Vector512.Create((float)Math.Sqrt(1 - Math.Pow(Beta2, step)));
        var (keep1, take1) = (Vector512.Create((float)Beta1), Vector512.Create((float)(1 - Beta1)));
        var (keep2, take2) = (Vector512.Create((float)Beta2), Vector512.Create((float)(1 - Beta2)));
        var (epsilon, decay) = (Vector512.Create((float)Epsilon), Vector512.Create((float)Decay));
        var shrink = Vector512.Create((float)(1 - LearningRate * Shrinkage));
        for (var i = 0; i < weights.Length; i += Wide.Width)
        {
            var w = Wide.Load(weights, i);
            var g = Wide.Load(gradient, i);
            if (Decay > 0) g = Vector512.FusedMultiplyAdd(w, decay, g);
            if (Shrinkage > 0) w *= shrink;
            var m = Vector512.FusedMultiplyAdd(g, take1, Wide.Load(first, i) * keep1);
            var v = Vector512.FusedMultiplyAdd(take2 * g, g, Wide.Load(second, i) * keep2);
            Wide.Store(m, first, i);
            Wide.Store(v, second, i);
            Wide.Store(w + descent * m / (Vector512.Sqrt(v) / correction + epsilon), weights, i);
        }
    }
}
