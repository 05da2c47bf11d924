using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning;

/// <summary>The learning life of one node: its whole state, and what it does in a round.</summary>
/// <remarks>
/// Not thread-safe: its owner calls one method at a time. The state is <see cref="Weights"/>, <see cref="Memory"/> and
/// <see cref="Optimizer"/>; nothing else outlives a round.
/// </remarks>
public sealed class Learner
{
    private readonly Plan _plan;
    private readonly Algorithm _algorithm;
    private int _round = -1;

    /// <summary>A node that has learnt nothing yet; all nodes of a run begin with the same weights.</summary>
    /// <param name="plan">The run's plan.</param>
    /// <param name="index">Rank of the node.</param>
    public Learner(Plan plan, int index)
    {
        _plan = plan;
        Index = index;
        Settings = plan.Experiment.TrainingOf(index);
        _algorithm = plan.AlgorithmOf(index);
        Weights = RoundStart = plan.InitialWeights;
    }

    /// <summary>Rank of the node.</summary>
    public int Index { get; }

    /// <summary>Number of nodes of the run.</summary>
    public int Nodes => _plan.Experiment.Nodes;

    /// <summary>How the node trains, its override considered.</summary>
    public TrainingSettings Settings { get; }

    /// <summary>What the values of its vectors mean.</summary>
    public ParameterLayout Layout => _plan.Layout;

    /// <summary>Present weights.</summary>
    public ParameterVector Weights { get; set; }

    /// <summary>Weights at the beginning of the round.</summary>
    public ParameterVector RoundStart { get; private set; }

    /// <summary>Vectors that the algorithm remembers, by name.</summary>
    public SortedDictionary<string, ParameterVector> Memory { get; } = new(StringComparer.Ordinal);

    /// <summary>What the optimiser remembers.</summary>
    public OptimizerState Optimizer { get; private set; } = OptimizerState.Fresh;

    /// <summary>The node's whole state, as data; setting it makes the node what it was then.</summary>
    public LearnerState State
    {
        get => new(_round, Weights, RoundStart, new SortedDictionary<string, ParameterVector>(Memory, StringComparer.Ordinal), Optimizer);
        set
        {
            (_round, Weights, RoundStart, Optimizer) = (value.Round, value.Weights, value.RoundStart, value.Optimizer);
            Memory.Clear();
            foreach (var (name, vector) in value.Memory) Memory[name] = vector;
        }
    }

    /// <summary>A vector of <see cref="Memory"/>; zeros if it is not there yet.</summary>
    /// <param name="name">Name of the vector.</param>
    public ParameterVector Recall(string name) => Memory.GetValueOrDefault(name) ?? _plan.Zeros;

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
        var result = lane.EngineFor(_plan.Experiment.Model, Settings).Train(new LocalJob(
            _plan.Experiment.Model, _plan.Data.Classes, _plan.Data.Train, _plan.TrainIndices(Index), Settings, Weights,
            _algorithm.Terms(this), Optimizer, _plan.Seeds.Stream("order", Index, round)), cancellation);
        cancellation.ThrowIfCancellationRequested(); // who asked has stopped waiting: the result must not half count
        RequireFinite(result.Weights);
        Weights = result.Weights;
        if (Settings.KeepMoments) Optimizer = result.Optimizer;
        _algorithm.Trained(this, result);
        return result;
    }

    /// <summary>A node whose training diverged is at fault itself, not the hub that could not take its weights in.</summary>
    private void RequireFinite(ParameterVector weights)
    {
        var largest = (float)(1 << 29) / Math.Max(1, _plan.TrainIndices(Index).Length);
        foreach (var value in weights.Span)
            if (!(Math.Abs(value) < largest))
                throw new NotSummableException($"The weights of node {Index} have diverged: one of them is {value}.");
    }

    /// <summary>Begins with the weights of another node, as a new member does.</summary>
    /// <param name="weights">The other's weights.</param>
    public void Adopt(ParameterVector weights) => Weights = weights;

    /// <summary>What the node tells in an exchange.</summary>
    /// <param name="exchange">Index of the exchange in the round.</param>
    public Update Compose(int exchange) => _algorithm.Compose(this, _plan.Exchanges[exchange]);

    /// <summary>Makes something of what was heard.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange in the round.</param>
    /// <param name="heard">What was heard; may be nothing.</param>
    /// <exception cref="NotSummableException">An update has diverged; the node's state is as before.</exception>
    public void Combine(int round, int exchange, Hearing heard)
    {
        Begin(round);
        if (heard.Count > 0) _algorithm.Combine(this, _plan.Exchanges[exchange], heard);
    }
}
