using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Extension.Tests.Components;

/// <summary>Federated averaging whose server goes a part of the way to the mean.</summary>
/// <param name="options">Client fraction, and how far.</param>
[Component("own-half-step", Summary = "Federated averaging; the server goes a part of the way to the mean.")]
public sealed class HalfStep(HalfStep.Options options) : FederatedAlgorithm(options)
{
    /// <summary>Options of <see cref="HalfStep"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Share of the way.</summary>
        [Option("Share of the way to the mean.", Min = 0, Max = 1)]
        public double Step { get; init; } = 0.5;
    }

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received) =>
        me.Weights = exchange.Kind == ExchangeKind.Broadcast
            ? received.Mean()
            : Vectors.Combine(received.Mean(), options.Step, me.RoundStart, 1 - options.Step);
}
