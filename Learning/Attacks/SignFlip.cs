using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Attacks;

/// <summary>Sends the change the other way round.</summary>
/// <param name="options">How long.</param>
[Component("sign-flip", Summary = "Sends the round's start minus a multiple of what was learned, "
    + "so that the mean goes back; buffers stay true.",
    Source = "Li et al., RSA: Byzantine-Robust Stochastic Aggregation Methods for Distributed Learning from "
        + "Heterogeneous Datasets, AAAI 2019, arXiv:1811.03761")]
public sealed class SignFlip(SignFlip.Options options) : Attack
{
    /// <summary>Options of sign-flip.</summary>
    public sealed record Options
    {
        /// <summary>Length of the flipped change.</summary>
        [Option("Length of the flipped change, as a multiple of the true one.", Min = 0, Max = 1e30, AboveMin = true)]
        public double Scale { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override Update Send(Update honest, UpdateContext context) =>
        honest with { Weights = context.WithChangeTimes(honest.Weights, -options.Scale) };
}
