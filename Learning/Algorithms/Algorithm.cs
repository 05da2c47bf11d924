using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>How a node learns from its data and from what it receives from: train, then once an exchange compose and combine.</summary>
/// <remarks>
/// Stateless: whatever an algorithm remembers of a node is in that node's <see cref="Learner"/>, where checkpoints and
/// tests see it. All hooks have defaults; an algorithm is the few that differ. A hook that throws leaves the node as it was.
/// </remarks>
public abstract class Algorithm : ICheckExperiment
{
    /// <summary>Names of the vectors of the model's length that nodes tell each other besides their weights.</summary>
    public virtual IReadOnlyList<string> AuxiliaryVectors => [];

    /// <summary>What nodes tell each other, in a word: those of one run must say the same. Set wherever <see cref="Shape"/> is.</summary>
    public virtual string MessageSchema => string.Join(" and ", AuxiliaryVectors.Prepend("weights"));

    /// <summary>Share of the nodes that train in a round (C of McMahan et al. 2017).</summary>
    public virtual double ClientFraction => 1;

    /// <summary>
    /// Names of what the memory keeps while a node rests: where only some nodes train in a round, one that does not train holds no model, and hears the
    /// server's when it trains again. Null if a node has a model of its own, or must hear every round.
    /// </summary>
    public virtual IReadOnlyList<string>? PersistentState => null;

    /// <summary>Whether <see cref="Combine"/> needs the means of what was received only, so that silos may sum it up on the way.</summary>
    public virtual bool AggregatesBySums => true;

    /// <summary>Whether the data of all nodes are pooled at the server, which alone trains.</summary>
    public virtual bool Pooled => false;

    /// <summary>Whether there must be a node that gathers and spreads.</summary>
    public virtual bool NeedsServer => false;

    /// <summary>Whether the server gets a share of the samples, as the other nodes do; if not, they are split among those.</summary>
    public virtual bool ServerHoldsData => true;

    /// <summary>Whether the topology must have the same rows in each round, its members among them.</summary>
    public virtual bool NeedsFixedRows => false;

    /// <summary>Whether each node must hold samples out for validation.</summary>
    public virtual bool NeedsValidation => false;

    /// <summary>Whether there must be samples that all nodes may look at.</summary>
    public virtual bool NeedsPublicSet => false;

    /// <summary>Whether its terms are more than the dense and the batched engine can do, so that libtorch trains one node at a time, whatever the model is.</summary>
    public virtual bool NeedsTorch => false;

    /// <summary>Names of the paces that it knows.</summary>
    public virtual IReadOnlyList<string> Paces => [Pace.Synchronous, Pace.SimulatedTime];

    /// <summary>Whether a round's test is of those that hold its newest model alone: the server, and who heard it in the last exchange.</summary>
    public virtual bool TestsNewestOnly => false;

    /// <summary>What happens when in simulated time; null where all wait for each other, as synchronously.</summary>
    /// <remarks>Who trains in a round, <see cref="PeerSamplingContext.Scheduled"/> and the simulated time go by it. A new one for each call.</remarks>
    /// <param name="nodes">The nodes, and how long things take.</param>
    public virtual RoundSchedule? Schedule(ScheduledNodes nodes) => null;

    /// <summary>What makes rounds of the nodes as they arrive by the clock; null for algorithms that do not know <see cref="Pace.Asynchronous"/>.</summary>
    /// <remarks>A new one for each call.</remarks>
    /// <param name="nodes">The nodes.</param>
    public virtual LiveSchedule? Live(LiveNodes nodes) => null;

    /// <summary>The exchanges of a round, in order.</summary>
    /// <param name="topology">The experiment's topology.</param>
    public abstract IReadOnlyList<ExchangeKind> Exchanges(Topology topology);

    /// <summary>The exchanges of a round under a pace; by default the same under each.</summary>
    /// <param name="topology">The experiment's topology.</param>
    /// <param name="pace">Name of the pace.</param>
    public virtual IReadOnlyList<ExchangeKind> Exchanges(Topology topology, string pace) => Exchanges(topology);

    /// <summary>
    /// Who receives from whom in an exchange of kind <see cref="ExchangeKind.SampledPeers"/> or <see cref="ExchangeKind.SplitSession"/>; nobody, if no row is added.
    /// </summary>
    /// <remarks>
    /// A function of what it is given alone: each silo asks for itself, and must get the same. Who is received must have trained in the round, or
    /// have heard somebody in an exchange of it before.
    /// </remarks>
    /// <param name="context">Who is there, who trained, who is connected, and the randomness.</param>
    public virtual MixingRows SamplePeers(PeerSamplingContext context) =>
        throw new NotSupportedException($"{GetType().Name} has an exchange that is drawn, and does not draw it.");

    /// <summary>How long the vectors are that a node tells; by default whole weights and <see cref="AuxiliaryVectors"/> of the same length.</summary>
    /// <remarks>What comes from another silo and has another shape is refused before memory is taken for it.</remarks>
    /// <param name="layout">The model's layout.</param>
    /// <param name="exchange">Which exchange.</param>
    public virtual UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        new(layout.Length, [.. AuxiliaryVectors.Select(name => new AuxiliaryVector(name, layout.Length))]);

    /// <summary>What the main vector of an update is; filters and attacks act on what nodes send of their training.</summary>
    /// <param name="exchange">Which exchange.</param>
    public virtual UpdateContent Content(Exchange exchange) =>
        exchange.Kind is ExchangeKind.Broadcast or ExchangeKind.SplitSession ? UpdateContent.Other : UpdateContent.Weights;

    /// <summary>Whether <see cref="Combine"/> takes a lane's turn; false where it only takes a vector over.</summary>
    /// <param name="exchange">Which exchange.</param>
    public virtual bool WorksOnLane(Exchange exchange) => exchange.Kind != ExchangeKind.Broadcast;

    /// <summary>What is added to the loss in this round's training.</summary>
    /// <param name="me">The node, before it trains.</param>
    public virtual LocalObjective Objective(Learner me) => LocalObjective.None;

    /// <summary>The round's training; by default one, from the node's weights and with its <see cref="Objective"/>.</summary>
    /// <remarks>One that trains several times gives what becomes of the node's weights, and keeps the rest in its memory.</remarks>
    /// <param name="me">The node, on a lane: <see cref="Learner.Bench"/> trains.</param>
    /// <returns>The node's weights from now on, its moments, and what the round's report is to say.</returns>
    public virtual LocalResult Train(Learner me) => me.Bench.Train(new TrainingTask(me.Weights) { Objective = Objective(me), Optimizer = me.Optimizer });

    /// <summary>Takes note of what training gave; <paramref name="me"/> already holds the trained weights.</summary>
    /// <param name="me">The node.</param>
    /// <param name="result">What training gave.</param>
    public virtual void OnTrained(Learner me, LocalResult result) { }

    /// <summary>What the node tells in an exchange. Changes nothing: it may be asked for more than once, and by nodes that nobody hears.</summary>
    /// <param name="me">The node.</param>
    /// <param name="exchange">Which exchange.</param>
    public virtual Update Compose(Learner me, Exchange exchange) => new(me.Weights);

    /// <summary>Makes something of what was received; by default the weighted mean becomes the node's weights.</summary>
    /// <param name="me">The node; on a lane, unless <see cref="WorksOnLane"/> says otherwise.</param>
    /// <param name="exchange">Which exchange.</param>
    /// <param name="received">At least one update; the node's own among them if its row holds it.</param>
    public virtual void Combine(Learner me, Exchange exchange, ReceivedUpdates received) => me.Weights = received.Mean();

    /// <summary>A node's side of a split session; asked for in exchanges of kind <see cref="ExchangeKind.SplitSession"/>.</summary>
    /// <param name="me">The node, whose state it begins with and does not change.</param>
    /// <param name="exchange">Which exchange.</param>
    /// <param name="other">Rank of the node that it talks with.</param>
    /// <param name="plan">The run's plan.</param>
    public virtual SplitParty JoinSession(Learner me, Exchange exchange, int other, Plan plan) =>
        throw new NotSupportedException($"{GetType().Name} has a split session, and nothing to say in it.");

    /// <summary>The weights that are tested and recorded as the node's: its own model, where that is not what it tells.</summary>
    /// <param name="me">The node, between two steps.</param>
    /// <returns>A vector that the node holds, not one made for the call: equal references share tests and blobs.</returns>
    public virtual ParameterVector Tested(Learner me) => me.Weights;

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationError> Check(Experiment experiment) =>
        CheckOverrides(experiment).Concat(CheckNeeds(experiment));

    /// <summary>What is wrong with an experiment whose nodes do not wait for each other: their schedule is made for one graph.</summary>
    /// <param name="experiment">The experiment.</param>
    protected static IEnumerable<ValidationError> CheckSchedule(Experiment experiment)
    {
        if (experiment.Pace.Name == Pace.Synchronous) yield break;
        var why = $"Under pace {experiment.Pace.Name} the algorithm's nodes go by a schedule that is made for one graph";
        if (experiment.Membership.Count > 0) yield return new ValidationError("$.membership", $"{why}; leave membership out.");
        if (experiment.Topology.Create().Changes(experiment.Nodes)) yield return new ValidationError("$.topology", $"{why}; set topology to one that stays, such as ring.");
    }

    private IEnumerable<ValidationError> CheckOverrides(Experiment experiment)
    {
        for (var i = 0; i < experiment.NodeOverrides.Count; i++)
        {
            if (experiment.NodeOverrides[i].Algorithm is not { } other) continue;
            var algorithm = other.Create();
            if (algorithm.ClientFraction < 1 && algorithm.ClientFraction != ClientFraction)
                yield return new ValidationError($"$.nodeOverrides[{i}].algorithm.clientFraction",
                    "The share of nodes that train is the experiment's; set algorithm.clientFraction there and leave it out here.");
            if (algorithm is Isolated && experiment.Topology.Create().Server is { } server && experiment.NodeOverrides[i].Nodes.Contains(server))
                yield return new ValidationError($"$.nodeOverrides[{i}].nodes",
                    $"Node {server} is the server: isolated, it would spread its own model as everybody's. Leave it out.");
            if (algorithm.Pooled || Pooled || algorithm.MessageSchema != MessageSchema)
                yield return new ValidationError($"$.nodeOverrides[{i}].algorithm",
                    $"'{other.Name}' and '{experiment.Algorithm.Name}' do not tell each other the same vectors, so their nodes cannot mix; "
                    + "override with an algorithm that exchanges weights alone, such as fedavg, fedprox, gossip or isolated.");
        }
    }

    private IEnumerable<ValidationError> CheckNeeds(Experiment experiment)
    {
        if (!Paces.Contains(experiment.Pace.Name))
            yield return new ValidationError("$.pace", Paces.Contains(Pace.Synchronous)
                ? $"The algorithm knows no pace '{experiment.Pace.Name}', for its nodes wait for each other; set pace to {string.Join(" or ", Paces)}, or the algorithm to fedasync, fedbuff or swift."
                : $"The algorithm knows no pace '{experiment.Pace.Name}', for its nodes do not wait for each other; set pace to {string.Join(" or ", Paces)}.");
        if (NeedsServer && experiment.Topology.Create().Server is null)
            yield return new ValidationError("", "The algorithm needs a node that gathers and spreads; set topology to star.");
        if (NeedsFixedRows && experiment.Topology.Create().Changes(experiment.Nodes))
            yield return new ValidationError("", "What the algorithm's nodes remember of each other holds for one graph; set topology to one that stays, such as ring, "
                + "leave maxPartners out, or use gossip.");
        if (NeedsValidation && Trainings(experiment).Any(t => t.ValidationFraction == 0))
            yield return new ValidationError("", "The algorithm compares models on samples that a node holds out; set training.validationFraction, to 0.2 for example.");
        if (NeedsPublicSet && experiment.PublicSet is null)
            yield return new ValidationError("", "The algorithm compares models on samples that all nodes may look at, and there are none; set publicSet, "
                + "to { \"samples\": 200 } for example, or probe to training.");
        if (!NeedsTorch) yield break; // before all nodes are looked at: there may be a million
        foreach (var engine in Trainings(experiment).Select(t => t.Engine).Distinct().Where(e => e is EngineChoice.Dense or EngineChoice.Batched))
            yield return new ValidationError("", $"The algorithm adds terms to the loss that the {engine} engine does not know; set training.engine to auto or torch.");
    }

    /// <summary>How the nodes train that have such an algorithm.</summary>
    private IEnumerable<TrainingSettings> Trainings(Experiment experiment)
    {
        var mine = experiment.NodeOverrides.Select(o => o.Algorithm).Append(experiment.Algorithm)
            .Where(c => c?.Create().GetType() == GetType()).ToHashSet();
        return Enumerable.Range(0, experiment.Nodes).Where(n => mine.Contains(experiment.AlgorithmOf(n))).Select(experiment.TrainingOf);
    }
}

/// <summary>One exchange of a round.</summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Kind">Who receives from whom in it.</param>
public readonly record struct Exchange(int Index, ExchangeKind Kind);

/// <summary>Who receives from whom in an exchange, and how what is received is weighed.</summary>
public enum ExchangeKind
{
    /// <summary>Each node hears itself and its neighbours, by the topology's mixing weights.</summary>
    Neighbours,

    /// <summary>Like <see cref="Neighbours"/>, each weight times the number of samples of the node that is received.</summary>
    NeighboursBySamples,

    /// <summary>The server hears those that trained, by their number of samples.</summary>
    GatherBySamples,

    /// <summary>The server hears those that trained, all alike.</summary>
    Gather,

    /// <summary>Each node receives from the server.</summary>
    Broadcast,

    /// <summary>The algorithm draws who receives from whom, with which weights; see <see cref="Algorithm.SamplePeers"/>.</summary>
    SampledPeers,

    /// <summary>
    /// Like <see cref="Neighbours"/>, but what each node tells is shared out: the weights of one sender, over its receivers and itself, sum to one, and a
    /// receiver's row sums to what it gets (column-stochastic, for push-sum on directed graphs). Take weighted sums, not means.
    /// </summary>
    NeighboursByShares,

    /// <summary>
    /// Pairs of nodes, drawn as in <see cref="SampledPeers"/>, of whom each hears the other alone, talk with each other: see <see cref="Algorithm.JoinSession"/>. Their training
    /// and their tests are in it; nobody trains before.
    /// </summary>
    SplitSession,
}
