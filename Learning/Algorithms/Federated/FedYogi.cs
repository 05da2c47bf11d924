using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Federated averaging with a step of Yogi at the server.</summary>
/// <remarks>v ← v − (1 − β₂)Δ²·sign(v − Δ²). See <see cref="AdaptiveServer"/> for the step.</remarks>
/// <param name="options">Client fraction, η, β₁, τ.</param>
[Component("fedyogi", Summary = "Federated averaging with a step of Yogi at the server.",
    Source = "Reddi et al., Adaptive Federated Optimization, ICLR 2021, arXiv:2003.00295, Algorithm 2")]
public sealed class FedYogi(FedYogi.Options options) : AdaptiveServer(options)
{
    /// <summary>Options of <see cref="FedYogi"/>.</summary>
    public sealed record Options : AdaptiveServerOptions
    {
        /// <summary>Share of the mean square that is kept.</summary>
        [Option("Share β₂ of the mean square that is kept.", Min = 0, Max = 1, BelowMax = true)]
        public double Beta2 { get; init; } = 0.99;
    }

    /// <inheritdoc/>
    protected override double NextSecond(double before, double square) =>
        before - (1 - options.Beta2) * square * Math.Sign(before - square);
}
