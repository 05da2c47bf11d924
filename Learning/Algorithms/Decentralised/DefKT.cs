using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>
/// Each round some nodes train and send their models to others, where the two models learn from each other.
/// </summary>
/// <remarks>
/// Li, Li, Varshney 2020. Q pairs are drawn of all members. A teacher trains as usual; its student, which does not,
/// trains its own model and the other one batch by batch on its own samples: each descends its cross-entropy plus
/// KL(other ‖ itself), both from the predictions of before the step (deep mutual learning). The student keeps its own
/// model, the other one is discarded. A node in no pair takes no part. The other's predictions are those of evaluation
/// mode, and optimisers of the mutual training begin anew. The topology is not used.
/// </remarks>
/// <param name="options">Number of pairs.</param>
[Component("def-kt", Summary = "Each round some nodes train and send their models to others, where the two models "
    + "learn from each other.", Aliases = ["defkt"], Source = "Li et al., Decentralized Federated Learning via Mutual "
        + "Knowledge Transfer, IEEE Internet of Things Journal 2022, arXiv:2012.13063")]
public sealed class DefKT(DefKT.Options options) : Algorithm, ISamplePeers, ICheckSettings, IUseClasses, IChooseLanes
{
    private const int Transfer = 0;

    /// <summary>Options of <see cref="DefKT"/>.</summary>
    public sealed record Options
    {
        /// <summary>Number of pairs.</summary>
        [Option("Number Q of pairs of teacher and student in a round; 0 = as many as the members make.",
            Min = 0, Max = 500_000)]
        public int Pairs { get; init; }
    }

    /// <inheritdoc/>
    public string? WithoutClasses => "take an algorithm that compares no predictions of classes, such as gossip";

    /// <inheritdoc/>
    public override Requirements Requires => new() { EachUpdate = true, Torch = true };

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => true;

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var (rows, n) = (new MixingRows(), context.Ranks.Count);
        var pairs = options.Pairs == 0 ? n / 2 : Math.Min(options.Pairs, n / 2);
        var drawn = context.Stream("def-kt/pairs").Permutation(n);
        for (var i = 0; i < pairs; i++)
            if (context.Trained(context.Ranks[drawn[i]]))
                rows.Add(context.Ranks[drawn[pairs + i]], context.Ranks[drawn[i]]);
        return rows;
    }

    /// <inheritdoc/>
    public override LocalResult Train(Learner me) =>
        me.IsSentToOthers(Transfer) ? base.Train(me) : new LocalResult(me.Weights, me.Optimizer, MetricSums.Zero, 0);

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var own = new LocalResult(me.Weights, OptimizerState.Fresh, MetricSums.Zero, 0);
        var other = own with { Weights = received.Mean() };
        foreach (var batch in me.Bench.Batches("def-kt/transfer"))
            (own, other) = (Learn(me, own, other, batch), Learn(me, other, own, batch));
        me.Weights = own.Weights;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (facts.Nodes < 2)
            yield return new ValidationError("", "A teacher and a student are two nodes; set nodes to 2 or more.");
        else if (2 * options.Pairs > facts.Nodes)
            yield return new ValidationError("pairs", $"{options.Pairs} pairs are {2 * options.Pairs} nodes, "
                + $"but there are {facts.Nodes}; {Remedy.AtMost("pairs", facts.Nodes / 2, "to 0")}.");
    }

    private static LocalResult Learn(Learner me, LocalResult model, LocalResult from, SampleSet batch) =>
        me.Bench.Step(new TrainingTask(model.Weights)
        {
            Objective = new() { Distill = new(1, 1, from.Weights) },
            Optimizer = model.Optimizer
        }, batch);
}
