using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Paces.Schedules;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Asynchronous;

/// <summary>
/// A server that makes a new model of the first updates that come, while other nodes still train from older models.
/// </summary>
/// <remarks>
/// A round is one new model (<see cref="ServerSchedule"/>; by the clock, <see cref="LiveServerSchedule"/>). A node
/// trains in the round in which its update arrives, from the model that it took over when it began, and so receives
/// from the server only when it begins anew; after the last round all do. The server is an ordinary node that trains
/// too; between its trainings it holds the shared model, and what its training began with in its memory.
/// </remarks>
/// <param name="options">Concurrency.</param>
public abstract class AsynchronousServer(AsynchronousOptions options)
    : Algorithm, IAsynchronousAlgorithm, ISamplePeers, ICheckSettings, IChooseLanes, ISpreadOneModel
{
    private const string Start = "server.start";
    private const int Gather = 0;

    /// <inheritdoc/>
    public override Requirements Requires =>
        new() { Server = true, EachUpdate = true, Paces = [Pace.SimulatedTime, Pace.Asynchronous] };

    /// <inheritdoc/>
    public bool TestsNewestOnly => true;

    /// <summary>Updates that make a new model.</summary>
    protected abstract int Updates { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        [ExchangeKind.SampledPeers, ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public IReadOnlyList<ExchangeKind> ScheduledExchanges(Topology topology) => Exchanges(topology);

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => exchange.Index == Gather;

    /// <inheritdoc/>
    public RoundSchedule Schedule(ScheduledNodes nodes) => new ServerSchedule(nodes, Updates, options.Concurrency);

    /// <inheritdoc/>
    public LiveSchedule Live(LiveNodes nodes) => LiveServerSchedule.Of(nodes, Updates, options.Concurrency);

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        var now = context.Scheduled
            ?? throw new InvalidOperationException($"{GetType().Name} has no schedule to go by.");
        if (context.Exchange == Gather)
            foreach (var update in now.Finishes)
                rows.Add(context.Server, update.Node, WeightOf(update.Staleness ?? 0) / now.Finishes.Count);
        else
            foreach (var node in now.Begun) rows.Add(node, context.Server);
        return rows;
    }

    /// <inheritdoc/>
    public override LocalResult Train(Learner me) =>
        me.Bench.Train(new TrainingTask(StartOf(me)) { Objective = Objective(me), Optimizer = me.Optimizer });

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) =>
        exchange.Index == Gather ? UpdateContent.Weights : UpdateContent.Other;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) =>
        new(exchange.Index == Gather ? UpdateOf(me) : me.Weights);

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        if (exchange.Index == Gather) me.Weights = Next(me, received);
        else me.Memory[Start] = me.Weights = received.Mean();
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (facts.Pace == Pace.Asynchronous && options.Concurrency > 0
            && options.Concurrency < Math.Min(Updates, facts.InitialMembers))
            yield return new ValidationError("concurrency", "Under pace asynchronous a place is given to another node "
                + $"when the next model is there, and {options.Concurrency} nodes never make the {Updates} updates of "
                + $"one; set concurrency to {Math.Min(Updates, facts.InitialMembers)} or more, or 0 for all.");
    }

    /// <summary>What an update counts, above 0.</summary>
    /// <param name="staleness">Models that the server has made since the node began; 0 if it began with the present
    /// one.</param>
    protected abstract double WeightOf(int staleness);

    /// <summary>What a node sends when it has trained.</summary>
    /// <param name="me">The node; its weights are those that it trained.</param>
    protected abstract ParameterVector UpdateOf(Learner me);

    /// <summary>The server's next model.</summary>
    /// <param name="me">The server; <see cref="Learner.RoundStart"/> is the present model.</param>
    /// <param name="received">The updates, with their weights divided by their number.</param>
    protected abstract ParameterVector Next(Learner me, ReceivedUpdates received);

    /// <summary>The model that a node's training began with.</summary>
    /// <param name="me">The node.</param>
    protected static ParameterVector StartOf(Learner me) => me.Memory.GetValueOrDefault(Start) ?? me.InitialWeights(0);
}

/// <summary>Options of algorithms with an asynchronous server.</summary>
public abstract record AsynchronousOptions
{
    /// <summary>Nodes that train at the same time.</summary>
    [Option("Nodes that train at the same time; the place of one that is done goes to another, "
        + "drawn among the idle ones; 0 = all.", Min = 0, Max = 1_000_000)]
    public int Concurrency { get; init; }
}
