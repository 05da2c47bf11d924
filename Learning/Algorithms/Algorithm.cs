using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>How a node learns from its data and its peers: it trains, then composes and combines once per
/// exchange.</summary>
/// <remarks>
/// Stateless: whatever an algorithm remembers of a node is in that node's <see cref="Learner"/>, where checkpoints and
/// tests see it. All hooks but one have defaults; an algorithm is the few that differ. To leave one out costs speed,
/// or gives an error that says what is missing; it never loses a node's state. A hook that throws leaves the node as
/// it was. What only some algorithms do is behind interfaces: <see cref="ISamplePeers"/>,
/// <see cref="IAsynchronousAlgorithm"/>, <see cref="ISplitAlgorithm"/>, <see cref="IChooseLanes"/>,
/// <see cref="IKeepServerState"/>, <see cref="IAdoptPart"/>, <see cref="ISpreadOneModel"/>, and
/// <see cref="Components.ICheckSettings"/> for options that must fit the experiment.
/// </remarks>
public abstract class Algorithm
{
    /// <summary>The message schema of algorithms that send whole weights and nothing else.</summary>
    internal const string WeightsOnly = "weights";

    /// <summary>What an experiment must give it.</summary>
    public virtual Requirements Requires => Requirements.None;

    /// <summary>What of a node's state must outlive the rounds in which the node takes no part; by default all of
    /// it.</summary>
    public virtual PersistentState PersistentState => PersistentState.Everything;

    /// <summary>The exchanges of a round, in order.</summary>
    /// <param name="topology">The experiment's topology.</param>
    public abstract IReadOnlyList<ExchangeKind> Exchanges(Topology topology);

    /// <summary>Name of what nodes send each other: only algorithms with the same one can share a run.</summary>
    /// <remarks>By default <c>weights</c>; where <see cref="Shape"/> or <see cref="Compose"/> differ from the
    /// defaults, a name of the algorithm's own.</remarks>
    public virtual string MessageSchema => SendsWeights ? WeightsOnly : GetType().FullName!;

    /// <summary>How long the vectors are that a node sends; by default whole weights.</summary>
    /// <remarks>An update of another shape from another silo is refused before memory is allocated for it.</remarks>
    /// <param name="layout">The model's layout.</param>
    /// <param name="exchange">Which exchange.</param>
    public virtual UpdateShape Shape(ParameterLayout layout, Exchange exchange) => new(layout.Length, []);

    /// <summary>
    /// What the main vector of an update is; filters and attacks act on what nodes send of their training.
    /// </summary>
    /// <param name="exchange">Which exchange.</param>
    public virtual UpdateContent Content(Exchange exchange) =>
        exchange.Kind is ExchangeKind.Broadcast or ExchangeKind.SplitSession
            ? UpdateContent.Other
            : UpdateContent.Weights;

    /// <summary>What is added to the loss in this round's training.</summary>
    /// <param name="me">The node, before it trains.</param>
    public virtual LocalObjective Objective(Learner me) => LocalObjective.None;

    /// <summary>The round's training; by default one, from the node's weights and with its
    /// <see cref="Objective"/>.</summary>
    /// <remarks>One that trains several times gives what becomes of the node's weights, and keeps the rest in its
    /// memory.</remarks>
    /// <param name="me">The node, on a lane: <see cref="Learner.Bench"/> trains.</param>
    /// <returns>The node's weights from now on, its moments, and what the round's report is to say.</returns>
    public virtual LocalResult Train(Learner me) =>
        me.Bench.Train(new TrainingTask(me.Weights) { Objective = Objective(me), Optimizer = me.Optimizer });

    /// <summary>Records what training gave; <paramref name="me"/> already holds the trained weights.</summary>
    /// <param name="me">The node.</param>
    /// <param name="result">What training gave.</param>
    public virtual void OnTrained(Learner me, LocalResult result) { }

    /// <summary>What the node sends in an exchange. Changes no state: it may be called more than once, and for
    /// nodes whose update nobody receives.</summary>
    /// <param name="me">The node.</param>
    /// <param name="exchange">Which exchange.</param>
    public virtual Update Compose(Learner me, Exchange exchange) => new(me.Weights);

    /// <summary>Combines what was received; by default the weighted mean becomes the node's
    /// weights.</summary>
    /// <param name="me">The node; on a lane, except in a broadcast, unless <see cref="IChooseLanes"/> says
    /// otherwise.</param>
    /// <param name="exchange">Which exchange.</param>
    /// <param name="received">At least one update; the node's own among them if its row holds it.</param>
    public virtual void Combine(Learner me, Exchange exchange, ReceivedUpdates received) =>
        me.Weights = received.Mean();

    /// <summary>The weights that are tested and recorded as the node's: its own model, where that is not what it
    /// sends.</summary>
    /// <param name="me">The node, between two steps.</param>
    /// <returns>A vector that the node holds, not one made for the call: equal references share tests and
    /// blobs.</returns>
    public virtual ParameterVector Tested(Learner me) => me.Weights;

    private bool SendsWeights =>
        IsDefault(nameof(Shape), typeof(ParameterLayout), typeof(Exchange))
        && IsDefault(nameof(Compose), typeof(Learner), typeof(Exchange));

    private bool IsDefault(string hook, params Type[] parameters) =>
        GetType().GetMethod(hook, parameters)!.DeclaringType == typeof(Algorithm);
}
