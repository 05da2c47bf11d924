using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Asynchronous;

/// <summary>
/// Buffered asynchronous averaging: each K updates that come, in whatever order, make a step of the server.
/// </summary>
/// <remarks>
/// Nguyen et al. 2022, Algorithm 1, with the staleness scaling of its experiments: x ← x + η·(1/K)·Σ s(τᵢ)Δᵢ, Δᵢ the
/// change of a node's training, s(τ) = (1 + τ)^-a, a = ½. All updates count alike, whatever their number of samples;
/// weights do not sum to one, so that stale updates make shorter steps. Buffers (BatchNorm) are means. Differs: a node
/// gives each model at most one update, and where there are fewer than K nodes, all of them make a step.
/// </remarks>
/// <param name="options">K, η, a, concurrency.</param>
[Component("fedbuff", Summary = "Buffered asynchronous averaging: "
    + "each K updates that come make a step of the server, stale ones a shorter one.",
    Source = "Nguyen et al., Federated Learning with Buffered Asynchronous Aggregation, AISTATS 2022, "
        + "arXiv:2106.06639, Algorithm 1")]
public sealed class FedBuff(FedBuff.Options options) : AsynchronousServer(options)
{
    /// <summary>Options of <see cref="FedBuff"/>.</summary>
    public sealed record Options : AsynchronousOptions
    {
        /// <summary>Updates that make a step.</summary>
        [Option("Updates K that make a step of the server; "
            + "each node gives at most one, so at most as many as there are nodes.", Min = 1, Max = 1_000_000)]
        public int BufferSize { get; init; } = 10;

        /// <summary>Learning rate of the server.</summary>
        [Option("Learning rate η of the server.", Min = 0, Max = 100, AboveMin = true)]
        public double ServerLearningRate { get; init; } = 1;

        /// <summary>How much stale updates lose.</summary>
        [Option("Exponent a of what an update counts that is τ models old, (1 + τ)^-a; 0 = all alike.",
            Min = 0, Max = 10)]
        public double StalenessExponent { get; init; } = 0.5;
    }

    /// <inheritdoc/>
    public override string MessageSchema => "changes since a model of some age";

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) =>
        base.Content(exchange) == UpdateContent.Weights ? UpdateContent.Changes : UpdateContent.Other;

    /// <inheritdoc/>
    protected override int Updates => options.BufferSize;

    /// <inheritdoc/>
    protected override double WeightOf(int staleness) => Math.Pow(1 + staleness, -options.StalenessExponent);

    /// <inheritdoc/>
    protected override ParameterVector UpdateOf(Learner me) =>
        Vectors.WithBuffers(Vectors.Combine(me.Weights, 1, StartOf(me), -1), me.Weights, me.Layout);

    /// <inheritdoc/>
    protected override ParameterVector Next(Learner me, ReceivedUpdates received)
    {
        var moved = Vectors.Combine(me.RoundStart, 1, received.Total(), options.ServerLearningRate);
        return me.Layout.TrainableLength == me.Layout.Length
            ? moved
            : Vectors.WithBuffers(moved, received.Mean(), me.Layout);
    }
}
