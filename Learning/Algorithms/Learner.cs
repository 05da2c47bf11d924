using System.Collections.ObjectModel;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>The learner of one node: its whole state, and what it does in a round.</summary>
/// <remarks>
/// Not thread-safe: its owner calls one method at a time. The state is <see cref="Weights"/>, <see cref="Memory"/> and
/// <see cref="Optimizer"/>; nothing else outlives a round.
/// </remarks>
public sealed partial class Learner
{
    private readonly ILearnerContext _plan;
    private readonly Algorithm _algorithm;
    private readonly List<PeerScore> _peerScores = [];
    private int _round = -1;
    private Workbench? _bench;

    /// <summary>A node that has learnt nothing yet; all nodes of a run begin with the same weights.</summary>
    /// <param name="plan">What the learners of the run have in common.</param>
    /// <param name="index">Rank of the node.</param>
    public Learner(ILearnerContext plan, int index)
    {
        _plan = plan;
        Index = index;
        Settings = plan.TrainingOf(index);
        _algorithm = plan.AlgorithmOf(index);
        Weights = RoundStart = plan.InitialWeights;
    }

    /// <summary>Rank of the node.</summary>
    public int Index { get; }

    /// <summary>Number of nodes of the run, members or not: ranks are below it. For the N of a formula see
    /// <see cref="Members"/>.</summary>
    public int Nodes => _plan.Nodes;

    /// <summary>Round that it began last, from 0; -1 before any.</summary>
    public int Round => _round;

    /// <summary>Number of the node's training samples.</summary>
    public int Samples => _plan.TrainIndices(Index).Length;

    /// <summary>What the node can do on its lane; only inside hooks that run on one.</summary>
    /// <exception cref="InvalidOperationException">The hook runs on no lane; see
    /// <see cref="IChooseLanes"/>.</exception>
    public Workbench Bench => _bench ?? throw new InvalidOperationException(
        "There is no lane here; an algorithm that needs one to combine says so in WorksOnLane.");

    /// <summary>How the node trains, its override considered.</summary>
    public TrainingSettings Settings { get; }

    /// <summary>What the values of its vectors mean.</summary>
    public ParameterLayout Layout => _plan.Layout;

    /// <summary>Present weights.</summary>
    public ParameterVector Weights { get; set; }

    /// <summary>Whether nodes go by a schedule, and do not wait for each other.</summary>
    public bool IsAsynchronous => _plan.IsAsynchronous;

    /// <summary>Weights at the beginning of the round.</summary>
    public ParameterVector RoundStart { get; private set; }

    /// <summary>The weights that are tested and recorded as the node's.</summary>
    public ParameterVector Tested => _algorithm.Tested(this);

    /// <summary>
    /// Vectors that the algorithm remembers, by name: of the model's length, those of <see cref="Numbers"/> apart.
    /// </summary>
    public SortedDictionary<string, ParameterVector> Memory { get; } = new(StringComparer.Ordinal);

    /// <summary>What the optimiser remembers.</summary>
    public OptimizerState Optimizer { get; private set; } = OptimizerState.Fresh;

    /// <summary>The node's whole state, as data; setting it makes the node what it was then.</summary>
    public LearnerState State
    {
        get => new(_round, Weights, RoundStart, Memory.Count == 0
            ? ReadOnlyDictionary<string, ParameterVector>.Empty
            : new SortedDictionary<string, ParameterVector>(Memory, StringComparer.Ordinal), Optimizer);
        set
        {
            (_round, Weights, RoundStart, Optimizer) = (value.Round, value.Weights, value.RoundStart, value.Optimizer);
            _emitted.Clear();
            Memory.Clear();
            foreach (var (name, vector) in value.Memory) Memory[name] = vector;
        }
    }

    /// <summary>Whether a vector is part of its state, its present weights apart, or shared with others.</summary>
    /// <param name="vector">The vector.</param>
    public bool Keeps(ParameterVector vector) =>
        ReferenceEquals(vector, RoundStart) || ReferenceEquals(vector, _plan.InitialWeights)
            || ReferenceEquals(vector, Optimizer.First) || ReferenceEquals(vector, Optimizer.Second)
            || Memory.Values.Any(m => ReferenceEquals(m, vector));

    /// <summary>A vector of <see cref="Memory"/>; zeros if it is not there yet.</summary>
    /// <param name="name">Name of the vector.</param>
    public ParameterVector Recall(string name) => Memory.GetValueOrDefault(name) ?? _plan.Zeros;

    /// <summary>Numbers that the algorithm remembers, any number of them; null if they are not there yet.</summary>
    /// <param name="name">Their name.</param>
    public ParameterVector? Numbers(string name) => Memory.GetValueOrDefault(LearnerState.NameOfNumbers(name));

    /// <summary>Remembers numbers.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="numbers">The numbers; owned by the memory from now on.</param>
    public void Remember(string name, params float[] numbers) =>
        Memory[LearnerState.NameOfNumbers(name)] = ParameterVector.Own(numbers);

    /// <summary>What it noted of others when it combined last; for the record, and no part of its state.</summary>
    public IReadOnlyList<PeerScore> PeerScores => _peerScores;

    /// <summary>Notes a number for the record, while it combines.</summary>
    /// <param name="measure">What it measures.</param>
    /// <param name="other">Rank of the node that it is about.</param>
    /// <param name="value">The number.</param>
    public void Note(string measure, int other, double value) => _peerScores.Add(new(measure, other, value));

    /// <summary>Random numbers of this node for this round.</summary>
    /// <param name="purpose">What they are for; begins with the algorithm's name.</param>
    public RandomStream Stream(string purpose) => _plan.Seeds.Stream(purpose, Index, _round);

    /// <summary>Whether the node is the server.</summary>
    public bool IsServer => _plan.IsServer(Index, Math.Max(0, _round));

    /// <summary>Whether it combines on a lane in an exchange.</summary>
    /// <param name="exchange">Index of the exchange in the round.</param>
    public bool WorksOnLane(int exchange)
    {
        var which = _plan.ExchangeAt(exchange);
        return _algorithm is IChooseLanes lanes ? lanes.WorksOnLane(which) : which.Kind != ExchangeKind.Broadcast;
    }

    /// <summary>Whether another node is to receive from it in an exchange of this round, absences aside.</summary>
    /// <param name="exchange">Index of the exchange.</param>
    public bool IsSentToOthers(int exchange) => _plan.ReceiverCount(Index, Math.Max(0, _round), exchange) > 0;

    /// <summary>Initial weights, the same for all nodes.</summary>
    /// <param name="variant">0 for those of the run; others differ from them and from each other.</param>
    public ParameterVector InitialWeights(int variant) => _plan.InitialWeightsOf(variant);

    /// <summary>Begins a round; beginning the same round again changes nothing.</summary>
    /// <param name="round">Round, from 0.</param>
    public void Begin(int round)
    {
        if (round == _round) return;
        _round = round;
        RoundStart = Weights;
    }

    /// <summary>Trains on the node's samples. Runs on a lane's thread.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="cancellation">Gives up; the state is as before then.</param>
    /// <exception cref="NotSummableException">Training diverged; the state is as before.</exception>
    public LocalResult Train(Lane lane, int round, CancellationToken cancellation)
    {
        Begin(round);
        return OrAsBefore(new Workbench(_plan, lane, Index, _plan.TrainingRound(Index, round), cancellation),
            () => Take(_algorithm.Train(this)));
    }

    /// <summary>
    /// Trains before it is known in which round that ends, as nodes do that go by the clock. Runs on a lane's thread;
    /// the state stays as it is.
    /// </summary>
    /// <param name="lane">The lane.</param>
    /// <param name="began">Rounds done now.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What <see cref="Train"/> would give in whatever round it ends; for <see cref="Arrive"/>.</returns>
    /// <exception cref="NotSummableException">Training diverged.</exception>
    public LocalResult TrainAhead(Lane lane, int began, CancellationToken cancellation) =>
        OrAsBefore(new Workbench(_plan, lane, Index, began, cancellation), () => _algorithm.Train(this)) with
        {
            Emitted = TakeEmitted(began)
        };

    /// <summary>Takes over what was trained ahead, as if it had trained in this round.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="ahead">What <see cref="TrainAhead"/> gave.</param>
    public LocalResult Arrive(int round, LocalResult ahead)
    {
        Begin(round);
        return OrAsBefore(null, () => Take(ahead));
    }

    /// <summary>Combines what was received.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange in the round.</param>
    /// <param name="received">What was received; may be nothing.</param>
    /// <param name="lane">The lane that this runs on; null if it runs on none.</param>
    /// <param name="cancellation">Gives up; the state is as before then.</param>
    /// <exception cref="NotSummableException">An update has diverged; the node's state is as before.</exception>
    /// <exception cref="UpdatePaths.RefusedUpdateException">Too few updates came for the aggregator; the node's state
    /// is as before.</exception>
    public void Combine(
        int round, int exchange, ReceivedUpdates received, Lane? lane = null, CancellationToken cancellation = default)
    {
        Begin(round);
        _peerScores.Clear();
        if (received.Count == 0) return;
        OrAsBefore(lane is null ? null : new Workbench(_plan, lane, Index, round, cancellation), () =>
        {
            var which = _plan.ExchangeAt(exchange);
            _algorithm.Combine(this, which, Aggregated(which, received));
            return true;
        });
    }

    /// <summary>The node's side of a split session; its state changes when that is concluded.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange in the round.</param>
    /// <param name="other">Rank of the node on the other side.</param>
    public SplitParty JoinSession(int round, int exchange, int other)
    {
        Begin(round);
        return _algorithm is ISplitAlgorithm split
            ? split.JoinSession(this, _plan.ExchangeAt(exchange), other, _plan)
            : throw new NotSupportedException(
                $"{_algorithm.GetType().Name} has a split session, and is no ISplitAlgorithm.");
    }

    /// <summary>Takes over the outcome of a split session.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <exception cref="NotSummableException">The weights have diverged; the node's state is as before.</exception>
    public void Conclude(SplitOutcome outcome)
    {
        foreach (var value in outcome.Weights.Span)
            if (!(Math.Abs(value) < 1 << 29))
                throw new NotSummableException($"The weights of node {Index} have diverged: one of them is {value}.");
        Weights = outcome.Weights;
    }

    private LocalResult Take(LocalResult result)
    {
        Weights = result.Weights;
        if (Settings.KeepMoments) Optimizer = result.Optimizer;
        _algorithm.OnTrained(this, result);
        Measure(result);
        return result;
    }

    /// <summary>Runs hooks with what they may work on; if one throws, the state is as before.</summary>
    private T OrAsBefore<T>(Workbench? bench, Func<T> hooks)
    {
        var before = State;
        _bench = bench;
        try
        {
            return hooks();
        }
        catch
        {
            State = before;
            throw;
        }
        finally
        {
            _bench = null;
        }
    }
}
