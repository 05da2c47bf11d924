using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>FedOpt with an adaptive step at the server: what FedAdagrad, FedAdam and FedYogi have in common.</summary>
/// <remarks>
/// Reddi et al. 2021, Algorithm 2: m ← β₁m + (1 − β₁)Δ, v by the variant, x ← x + η·m / (√v + τ), all by value, without
/// bias correction; m begins with 0 and v with τ² (the authors' code: with 0). Δ is the mean change by numbers of
/// samples, as in the paper's experiments.
/// </remarks>
/// <param name="options">Client fraction, η, β₁, τ.</param>
public abstract class AdaptiveServer(AdaptiveServerOptions options) : ServerStep(options), IKeepServerState
{
    private const string First = "fedopt.first";
    private const string Second = "fedopt.second";

    /// <inheritdoc/>
    public IReadOnlyList<string> ServerMemory => [First, Second];

    /// <inheritdoc/>
    protected sealed override ParameterVector Step(Learner me, ParameterVector change)
    {
        var begun = me.Memory.TryGetValue(Second, out var before);
        var first = Vectors.Combine(me.Recall(First), options.Beta1, change, 1 - options.Beta1);
        var (second, weights) = (new float[change.Length], new float[change.Length]);
        for (var i = 0; i < second.Length; i++)
        {
            var square = (double)change.Span[i] * change.Span[i];
            second[i] = (float)NextSecond(begun ? before!.Span[i] : options.Tau * options.Tau, square);
            weights[i] = (float)(me.RoundStart.Span[i]
                + options.ServerLearningRate * first.Span[i] / (Math.Sqrt(second[i]) + options.Tau));
        }
        (me.Memory[First], me.Memory[Second]) = (first, ParameterVector.Own(second));
        return ParameterVector.Own(weights);
    }

    /// <summary>v after a round.</summary>
    /// <param name="before">v before it.</param>
    /// <param name="square">Δ².</param>
    protected abstract double NextSecond(double before, double square);
}

/// <summary>Options of adaptive servers.</summary>
public abstract record AdaptiveServerOptions : FederatedOptions
{
    /// <summary>Learning rate of the server.</summary>
    [Option("Learning rate η of the server.", Min = 0, Max = 100, AboveMin = true)]
    public double ServerLearningRate { get; init; } = 0.1;

    /// <summary>Share of the mean direction that is kept.</summary>
    [Option("Share β₁ of the mean direction that is kept.", Min = 0, Max = 1, BelowMax = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Degree of adaptivity.</summary>
    [Option("Degree of adaptivity τ: the smaller, the more alike are the steps of all weights.",
        Min = 0, Max = 1000, AboveMin = true)]
    public double Tau { get; init; } = 0.001;
}
