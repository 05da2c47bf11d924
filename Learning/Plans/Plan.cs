using System.Collections.Concurrent;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Disturbances;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Partitioners;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Plans;

/// <summary>What follows from an experiment and its data: shards, participants, and who receives from whom. Pure and
/// thread-safe.</summary>
/// <remarks>Every silo computes its own and gets the same; nothing of it crosses the wire.</remarks>
public sealed partial class Plan : ILearnerContext
{
    private readonly Dictionary<Component<Algorithm>, Algorithm> _algorithms = [];
    private readonly Topology _topology;
    private readonly Membership[] _memberships;
    private readonly ConcurrentDictionary<int, ParameterVector> _initial = [];
    private readonly int[][] _train;
    private readonly int[][] _validation;
    // per node, how many samples of each class; empty unless the topology follows from them
    private readonly int[][] _labels;
    private readonly Dictionary<int, (int Round, MixingRows Rows)> _drawn = []; // by exchange
    private readonly SampledMixings _mixings;
    private readonly Outages _outages;
    private readonly BarrierSchedule? _clock; // how long rounds take in simulated time, where nodes wait for each other

    private Plan(Experiment experiment, LabeledData data, SampleSet shared, Partition partition, ParameterLayout layout)
    {
        Experiment = experiment;
        Data = data;
        Public = shared;
        Outputs = new TaskOutputs(experiment.TaskOrDefault(), data.Outputs);
        Seeds = new Seeds(experiment.Seed);
        Codec = experiment.Codec.Create();
        Metrics = EmittedMetrics.Of(experiment);
        Layout = layout;
        foreach (var component in experiment.NodeOverrides.Select(o => o.Algorithm).Append(experiment.Algorithm))
            if (component is not null) _algorithms.TryAdd(component, component.Create());
        _topology = experiment.Topology.Create();
        _labels = _topology is IFollowLabels ? [.. partition.Train.Select(CountLabels)] : [];
        _mixings = new SampledMixings(_topology, Seeds);
        Pace = experiment.Pace.Create();
        Exchanges = Main is IAsynchronousAlgorithm scheduled && experiment.Pace.Name != Paces.Pace.Synchronous
            ? scheduled.ScheduledExchanges(_topology) : Main.Exchanges(_topology);
        var initial = Memberships.Initial(experiment);
        _memberships = Extend([MemberOf(0, 0, initial, [])], experiment.Membership);
        (_train, _validation) = Shards(partition);
        LocalTest = partition.Test;
        TestIndices = TestSample();
        InitialWeights = Initializer.Initialize(layout, Seeds);
        RequireSomethingToSend();
        Zeros = ParameterVector.Zeros(layout.Length);
        Path = PathOf(experiment, HasServer ? _memberships[0].Server : null, Seeds);
        _outages = new Outages(experiment.Disturbances, Seeds);
        Protocol = RoundProtocol.Of(this);
        _clock = Clock();
        RequireRows();
    }

    /// <summary>The plan of the same run with other changes of its members.</summary>
    private Plan(Plan plan, Membership[] memberships)
    {
        (Experiment, Data, Seeds, Layout, Exchanges) =
            (plan.Experiment, plan.Data, plan.Seeds, plan.Layout, plan.Exchanges);
        (_algorithms, _topology, _train, _validation, _labels) =
            (plan._algorithms, plan._topology, plan._train, plan._validation, plan._labels);
        (Public, Outputs, Codec) = (plan.Public, plan.Outputs, plan.Codec);
        Metrics = plan.Metrics;
        (LocalTest, TestIndices, InitialWeights, Zeros) =
            (plan.LocalTest, plan.TestIndices, plan.InitialWeights, plan.Zeros);
        Pace = plan.Pace;
        (_memberships, _mixings) = (memberships, new SampledMixings(_topology, Seeds));
        (Path, _outages) = (plan.Path, plan._outages);
        Protocol = RoundProtocol.Of(this, plan.Protocol);
        _clock = Clock();
    }

    /// <summary>The experiment.</summary>
    public Experiment Experiment { get; }

    /// <summary>How its rounds go.</summary>
    public RoundProtocol Protocol { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Its data.</summary>
    public LabeledData Data { get; }

    /// <summary>What is learnt of them, and how many outputs a model needs for it.</summary>
    public TaskOutputs Outputs { get; }

    /// <summary>Samples that all nodes may look at; empty if there is no <see cref="Experiment.PublicSet"/>.</summary>
    public SampleSet Public { get; }

    /// <summary>Its randomness.</summary>
    public Seeds Seeds { get; }

    /// <summary>Layout of the model's parameters.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Weights that all nodes begin with.</summary>
    public ParameterVector InitialWeights { get; }

    /// <summary>A vector of zeros of the model's length.</summary>
    public ParameterVector Zeros { get; }

    /// <summary>Kinds of the exchanges of a round, in order.</summary>
    public IReadOnlyList<ExchangeKind> Exchanges { get; }

    /// <summary>An exchange of a round.</summary>
    /// <param name="exchange">Its index.</param>
    public Exchange ExchangeAt(int exchange) => new(exchange, Exchanges[exchange]);

    /// <summary>What a node expects to receive in an exchange.</summary>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public UpdateShape ShapeOf(int node, int exchange) => AlgorithmOf(node).Shape(Layout, ExchangeAt(exchange));

    /// <inheritdoc/>
    public Codec Codec { get; }

    /// <inheritdoc/>
    public UpdateFormat FormatOf(int node, int exchange) => new(ShapeOf(node, exchange), Codec);

    /// <summary>Whether the topology has a server.</summary>
    public bool HasServer => _topology.Server is not null;

    /// <inheritdoc/>
    public bool IsServer(int node, int round) => HasServer && Members(round).Server == node;

    /// <summary>Rounds after which repeats who receives from whom: 1 if it is always the same, 0 if it never
    /// repeats.</summary>
    public int GraphPeriod => DrawsRows ? 0
        : UsesGraph ? _topology.MixingPeriod(Members(0).Ranks.Length)
        : 1;

    /// <summary>Which of its graphs a round has: rounds of one phase, with the same members, have the same.</summary>
    /// <param name="round">Round, from 0.</param>
    public int GraphPhase(int round) => DrawsRows ? round
        : UsesGraph ? _topology.MixingPhase(Members(round).Ranks.Length, round)
        : 0;

    /// <inheritdoc/>
    public int Nodes => Experiment.Nodes;

    /// <inheritdoc/>
    public bool IsAsynchronous => Protocol.IsAsynchronous;

    /// <inheritdoc/>
    public Component<Model> Model => Experiment.Model;

    /// <inheritdoc/>
    public TrainingSettings Training => Experiment.Training;

    /// <inheritdoc/>
    public TrainingSettings TrainingOf(int node) => Experiment.TrainingOf(node);

    /// <summary>The algorithm of nodes that have none of their own: it says how rounds go.</summary>
    internal Algorithm Main => _algorithms[Experiment.Algorithm];

    /// <summary>All algorithms of the run.</summary>
    internal IEnumerable<Algorithm> Algorithms => _algorithms.Values;

    /// <summary>Who waits for whom.</summary>
    internal Pace Pace { get; }

    /// <summary>Whether there are samples that a node's own model is to be tested on.</summary>
    internal bool NodesAreTested => _validation.Concat(LocalTest).Any(samples => samples.Length > 0);

    /// <summary>Whether the server of the start stays it.</summary>
    internal bool KeepsServer => _memberships.All(m => m.Server == _memberships[0].Server);

    /// <summary>Weights that a further model of all nodes begins with.</summary>
    /// <param name="variant">0 for <see cref="InitialWeights"/>.</param>
    public ParameterVector InitialWeightsOf(int variant) => variant == 0
        ? InitialWeights
        : _initial.GetOrAdd(variant, v =>
            Initializer.Initialize(Layout, new Seeds((long)Seeds.Stream($"initial-weights/variant-{v}").NextBits())));

    /// <summary>Works out what follows from an experiment.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="data">Where its data are; loads what is not there yet.</param>
    /// <exception cref="ExperimentException">The data do not suit: too few samples, a model that cannot take the
    /// images, …</exception>
    public static Plan Of(Experiment experiment, DatasetCache data)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(data);
        return Of(experiment, data.Get(experiment.Dataset),
            experiment.PublicSet?.Dataset is { } other ? data.Get(other) : null);
    }

    /// <summary>Works out what follows from an experiment.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="data">Its data, loaded.</param>
    /// <param name="other">The data that its public set is of, loaded, if it names such; else null.</param>
    /// <exception cref="ExperimentException">The data do not suit: too few samples, a model that cannot take the
    /// images, …</exception>
    public static Plan Of(Experiment experiment, LabeledData data, LabeledData? other = null)
    {
        if (DataChecks.Check(experiment, data).ToList() is { Count: > 0 } refusals)
            throw new ExperimentException(refusals);
        var seeds = new Seeds(experiment.Seed);
        var (shared, left) = PublicSets.Draw(experiment.PublicSet, data, other, seeds);
        var bare = experiment.Algorithm.Create().Requires.ServerWithoutData ? ServerOf(experiment) : null;
        var request = new PartitionRequest(
            PublicSets.Labels(data.Train, left), PublicSets.Labels(data.Test, null),
            data.Train.Targets.Classes is null ? 1 : data.Outputs, experiment.Nodes - (bare is null ? 0 : 1), seeds)
        {
            Users = data.Users,
            TrainUsers = PublicSets.Users(data.Train, left),
            TestUsers = PublicSets.Users(data.Test, null),
        };
        var partition = PublicSets.Split(experiment.Partitioner.Create(), request, left, shared.Count);
        if (bare is { } server)
            partition = new Partition([.. partition.Train.Take(server), [], .. partition.Train.Skip(server)],
                [.. partition.Test.Take(server), [], .. partition.Test.Skip(server)]);
        return new Plan(experiment, data, shared, partition,
            ParameterLayouts.LayoutOf(experiment.Model, data.Train.Shape, data.Outputs));
    }

    /// <summary>The algorithm of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public Algorithm AlgorithmOf(int node) => _algorithms[Experiment.AlgorithmOf(node)];

    /// <summary>Whether a node trains in a round.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public bool Trains(int node, int round) => Protocol.Trains(node, round);

    /// <summary>Whether models are tested after a round.</summary>
    /// <param name="round">Round, from 0.</param>
    public bool Tests(int round) => (round + 1) % Experiment.Evaluation.Every == 0 || round + 1 == Experiment.Rounds;

    /// <summary>Whether a node's model is tested after a round; in split sessions they are tested before
    /// that.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public bool Tests(int node, int round) => Tests(round) && Protocol.Tests(node, round);

    /// <summary>Whether who receives from whom is drawn for each round by the algorithm, or who trains.</summary>
    private bool DrawsRows => Main.Requires.ClientFraction < 1
        || Exchanges.Any(e => e is ExchangeKind.SampledPeers or ExchangeKind.SplitSession);

    private bool UsesGraph => Exchanges.Any(e =>
        e is ExchangeKind.Neighbours or ExchangeKind.NeighboursBySamples or ExchangeKind.NeighboursByShares);

    private void RequireSomethingToSend()
    {
        for (var e = 0; e < Exchanges.Count; e++)
            if (_algorithms.Values.Any(a => a.Shape(Layout, ExchangeAt(e)).Weights == 0))
                throw new ExperimentException([new ValidationError("$.algorithm",
                    $"The model {Experiment.Model.Name} has no tensors besides those that stay the node's own, "
                        + "so there is nothing to send; keep fewer, or use isolated.")]);
    }
}
