using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Federated averaging whose mean is a direction: the hub takes a step of its own along it.</summary>
/// <remarks>
/// Δ is the nodes' mean by numbers of samples less what the round began with. Buffers are means, not steps. On a topology without a hub each node does so
/// with its neighbourhood, and keeps moments of its own.
/// </remarks>
/// <param name="options">Client fraction.</param>
public abstract class HubStep(FederatedOptions options) : FederatedAlgorithm(options)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string>? KeptAtRest => [];

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, Hearing heard)
    {
        var mean = heard.Mean();
        if (exchange.Kind == ExchangeKind.Broadcast)
        {
            me.Weights = mean;
            return;
        }
        var change = Vectors.Trainable(Vectors.Combine(mean, 1, me.RoundStart, -1), me.Layout);
        me.Weights = Vectors.WithBuffers(Step(me, change), mean, me.Layout);
    }

    /// <summary>The weights after the step.</summary>
    /// <param name="me">The hub; <see cref="Learner.RoundStart"/> is where the step begins.</param>
    /// <param name="change">Δ; zero in what is not trainable.</param>
    protected abstract ParameterVector Step(Learner me, ParameterVector change);
}
