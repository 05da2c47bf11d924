using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Federated averaging with a step of Adagrad at the server.</summary>
/// <remarks>v ← v + Δ²; the paper's experiments have β₁ = 0. See <see cref="AdaptiveServer"/> for the step.</remarks>
/// <param name="options">Client fraction, η, β₁, τ.</param>
[Component("fedadagrad", Summary = "Federated averaging with a step of Adagrad at the server.",
    Source = "Reddi et al., Adaptive Federated Optimization, ICLR 2021, arXiv:2003.00295, Algorithm 2")]
public sealed class FedAdagrad(FedAdagrad.Options options) : AdaptiveServer(options)
{
    /// <summary>Options of <see cref="FedAdagrad"/>.</summary>
    public sealed record Options : AdaptiveServerOptions
    {
        /// <summary>The paper's default for this variant.</summary>
        public Options() => Beta1 = 0;
    }

    /// <inheritdoc/>
    protected override double NextSecond(double before, double square) => before + square;
}
