using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>A hub that makes a new model of the first updates that come, while other nodes still train from older models.</summary>
/// <remarks>
/// A round is one new model (<see cref="HubSchedule"/>; by the clock, <see cref="LiveHubSchedule"/>). A node trains in the round in which its update arrives, from the model that it took over when it began, and so
/// hears the hub only when it begins anew; after the last round all do. The hub is an ordinary node that trains too; between its trainings it holds the shared
/// model, and what its training began with in its memory.
/// </remarks>
/// <param name="options">Concurrency.</param>
public abstract class AsynchronousHub(AsynchronousOptions options) : Algorithm
{
    private const string Start = "hub.start";
    private const int Gather = 0;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Paces => [Pace.Virtual, Pace.Free];

    /// <inheritdoc/>
    public override bool NeedsHub => true;

    /// <inheritdoc/>
    public override bool Mergeable => false;

    /// <inheritdoc/>
    public override bool TestsNewestOnly => true;

    /// <summary>Updates that make a new model.</summary>
    protected abstract int Updates { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Drawn, ExchangeKind.Drawn];

    /// <inheritdoc/>
    public override bool WorksOnLane(Exchange exchange) => exchange.Index == Gather;

    /// <inheritdoc/>
    public override VirtualSchedule Schedule(VirtualNodes nodes) => new HubSchedule(nodes, Updates, options.Concurrency);

    /// <inheritdoc/>
    public override LiveSchedule Live(LiveNodes nodes) => LiveHubSchedule.Of(nodes, Updates, options.Concurrency);

    /// <inheritdoc/>
    public override Rows Draw(Meeting meeting)
    {
        var rows = new Rows();
        var now = meeting.Virtual ?? throw new InvalidOperationException($"{GetType().Name} has no schedule to go by.");
        if (meeting.Exchange == Gather)
            foreach (var update in now.Finishes) rows.Add(meeting.Hub, update.Node, WeightOf(update.Staleness ?? 0) / now.Finishes.Count);
        else
            foreach (var node in now.Begun) rows.Add(node, meeting.Hub);
        return rows;
    }

    /// <inheritdoc/>
    public override LocalResult Train(Learner me) =>
        me.Bench.Train(new TrainingTask(StartOf(me)) { Terms = Terms(me), Optimizer = me.Optimizer });

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => new(exchange.Index == Gather ? UpdateOf(me) : me.Weights);

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, Hearing heard)
    {
        if (exchange.Index == Gather) me.Weights = Next(me, heard);
        else me.Memory[Start] = me.Weights = heard.Mean();
    }

    /// <inheritdoc/>
    public override IEnumerable<Fault> Check(Experiment experiment)
    {
        foreach (var fault in base.Check(experiment).Concat(CheckSchedule(experiment))) yield return fault;
        if (experiment.Pace.Name == Pace.Free && options.Concurrency > 0 && options.Concurrency < Math.Min(Updates, experiment.Nodes))
            yield return new Fault("concurrency", $"Under pace free a place is given to another node when the next model is there, and {options.Concurrency} nodes never make the {Updates} updates of one; "
                + $"set concurrency to {Math.Min(Updates, experiment.Nodes)} or more, or 0 for all.");
    }

    /// <summary>What an update counts, above 0.</summary>
    /// <param name="staleness">Models that the hub has made since the node began; 0 if it began with the present one.</param>
    protected abstract double WeightOf(int staleness);

    /// <summary>What a node tells when it has trained.</summary>
    /// <param name="me">The node; its weights are those that it trained.</param>
    protected abstract ParameterVector UpdateOf(Learner me);

    /// <summary>The hub's next model.</summary>
    /// <param name="me">The hub; <see cref="Learner.RoundStart"/> is the present model.</param>
    /// <param name="heard">The updates, with their weights divided by their number.</param>
    protected abstract ParameterVector Next(Learner me, Hearing heard);

    /// <summary>The model that a node's training began with.</summary>
    /// <param name="me">The node.</param>
    protected static ParameterVector StartOf(Learner me) => me.Memory.GetValueOrDefault(Start) ?? me.InitialWeights(0);
}

/// <summary>Options of algorithms with an asynchronous hub.</summary>
public abstract record AsynchronousOptions
{
    /// <summary>Nodes that train at the same time.</summary>
    [Option("Nodes that train at the same time; the place of one that is done goes to another, drawn among those that rest; 0 = all.", Min = 0, Max = 1_000_000)]
    public int Concurrency { get; init; }
}
