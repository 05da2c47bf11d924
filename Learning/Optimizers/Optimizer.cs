namespace Orleans.FL.Learning.Optimizers;

/// <summary>The rule that turns gradients into steps. Stateless: the moments live in the learner.</summary>
public abstract class Optimizer
{
    /// <summary>Names of the vectors it keeps from step to step, at most two; empty for plain SGD.</summary>
    public abstract IReadOnlyList<string> Moments { get; }

    /// <summary>Takes one step over a slice of the weights, in place, in one pass.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="gradient">Their gradient; may be overwritten.</param>
    /// <param name="first">First moment vector; empty if there is none.</param>
    /// <param name="second">Second moment vector; empty if there is none.</param>
    /// <param name="step">Number of this step, from 1.</param>
    public abstract void Step(
        Span<float> weights, Span<float> gradient, Span<float> first, Span<float> second, long step);
}
