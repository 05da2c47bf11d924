using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Federated averaging whose mean is a direction: the server takes a step of its own along it.</summary>
/// <remarks>
/// Δ is the nodes' mean by numbers of samples less what the round began with. Buffers are means, not steps. On a
/// topology without a server each node does so with its neighbourhood, and keeps moments of its own.
/// </remarks>
/// <param name="options">Client fraction.</param>
public abstract class ServerStep(FederatedOptions options) : FederatedAlgorithm(options)
{
    /// <inheritdoc/>
    public override PersistentState PersistentState => PersistentState.Memory;

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var mean = received.Mean();
        if (exchange.Kind == ExchangeKind.Broadcast)
        {
            me.Weights = mean;
            return;
        }
        var change = Vectors.Trainable(Vectors.Combine(mean, 1, me.RoundStart, -1), me.Layout);
        me.Weights = Vectors.WithBuffers(Step(me, change), mean, me.Layout);
    }

    /// <summary>The weights after the step.</summary>
    /// <param name="me">The server; <see cref="Learner.RoundStart"/> is where the step begins.</param>
    /// <param name="change">Δ; zero in what is not trainable.</param>
    protected abstract ParameterVector Step(Learner me, ParameterVector change);
}
