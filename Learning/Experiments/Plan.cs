using System.Collections.Concurrent;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Partitioners;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning.Experiments;

/// <summary>What follows from an experiment and its data: shards, participants, and who receives from whom. Pure and thread-safe.</summary>
/// <remarks>Every silo computes its own and gets the same; nothing of it crosses the wire.</remarks>
public sealed partial class Plan
{
    private readonly Dictionary<Component<Algorithm>, Algorithm> _algorithms = [];
    private readonly Topology _topology;
    private readonly Membership[] _memberships;
    private readonly ConcurrentDictionary<int, ParameterVector> _initial = [];
    private readonly Lock _gate = new();
    private readonly int[][] _train;
    private readonly int[][] _validation;
    private readonly int[][] _labels; // per node, how many samples of each class; empty unless the topology follows from them
    private readonly Dictionary<int, (int Round, MixingRows Rows)> _drawn = []; // by exchange
    private readonly SampledMixings _mixings;
    private readonly AsynchronousPace? _free; // the pace, if it goes by the clock
    private readonly RoundSchedule? _schedule; // of an algorithm whose nodes do not wait for each other
    private readonly RoundSchedule? _clock; // that, or how long rounds of synchronous take; null where only the wall clock counts
    private Participants? _lastParticipants;

    private Plan(Experiment experiment, LabeledData data, SampleSet shared, Partition partition, ParameterLayout layout)
    {
        Experiment = experiment;
        Data = data;
        Public = shared;
        Seeds = new Seeds(experiment.Seed);
        Metrics = EmittedMetrics.Of(experiment);
        Layout = layout;
        foreach (var component in experiment.NodeOverrides.Select(o => o.Algorithm).Append(experiment.Algorithm))
            if (component is not null) _algorithms.TryAdd(component, component.Create());
        _topology = experiment.Topology.Create();
        _labels = _topology is IFollowLabels ? [.. partition.Train.Select(CountLabels)] : [];
        _mixings = new SampledMixings(_topology, Seeds);
        Exchanges = Main.Exchanges(_topology, experiment.Pace.Name);
        var initial = Memberships.Initial(experiment);
        _memberships = Extend([MemberOf(0, 0, initial, [])], experiment.Membership);
        (_train, _validation) = Shards(partition);
        LocalTest = partition.Test;
        TestIndices = TestSample();
        HasRestingNodes = Main.ClientFraction < 1 && _algorithms.Values.All(a => a.PersistentState is not null) && Exchanges is [.., ExchangeKind.Broadcast]
            && _validation.Concat(LocalTest).All(samples => samples.Length == 0) && _memberships.All(m => m.Server == _memberships[0].Server);
        InitialWeights = Initializer.Initialize(layout, Seeds);
        RequireSomethingToSend();
        Zeros = ParameterVector.Zeros(layout.Length);
        _free = experiment.Pace.Create() as AsynchronousPace;
        (_schedule, _clock) = Schedules();
    }

    /// <summary>The plan of the same run with other changes of its members.</summary>
    private Plan(Plan plan, Membership[] memberships)
    {
        (Experiment, Data, Seeds, Layout, Exchanges) = (plan.Experiment, plan.Data, plan.Seeds, plan.Layout, plan.Exchanges);
        (_algorithms, _topology, _train, _validation, _labels) = (plan._algorithms, plan._topology, plan._train, plan._validation, plan._labels);
        Public = plan.Public;
        Metrics = plan.Metrics;
        (LocalTest, TestIndices, InitialWeights, Zeros) = (plan.LocalTest, plan.TestIndices, plan.InitialWeights, plan.Zeros);
        HasRestingNodes = plan.HasRestingNodes;
        _free = plan._free;
        (_memberships, _mixings) = (memberships, new SampledMixings(_topology, Seeds));
        (_schedule, _clock) = Schedules();
    }

    /// <summary>The experiment.</summary>
    public Experiment Experiment { get; }

    /// <summary>The metrics that nodes may emit, each a column of the record.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Its data.</summary>
    public LabeledData Data { get; }

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

    /// <summary>What a node expects to hear in an exchange.</summary>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public UpdateShape ShapeOf(int node, int exchange) => AlgorithmOf(node).Shape(Layout, ExchangeAt(exchange));

    /// <summary>Whether the topology has a server.</summary>
    public bool HasServer => _topology.Server is not null;

    /// <summary>Rounds after which whom nodes hear by the topology repeats: 1 if that is always the same, 0 if it never does.</summary>
    public int GraphPeriod => Exchanges.Any(e => e is ExchangeKind.Neighbours or ExchangeKind.NeighboursBySamples or ExchangeKind.NeighboursByShares)
        ? _topology.MixingPeriod(Members(0).Ranks.Length) : 1;

    /// <summary>Which of the topology's graphs a round has: rounds of one phase, with the same members, have the same.</summary>
    /// <param name="round">Round, from 0.</param>
    public int GraphPhase(int round) => _topology.MixingPhase(Members(round).Ranks.Length, round);

    /// <summary>Whether nodes train and test in split sessions, each with a part of the model: all who take part in a round are needed.</summary>
    public bool RunsSplitSessions => Exchanges.Contains(ExchangeKind.SplitSession);

    /// <summary>Whether nodes rest in the rounds that they do not train in: see <see cref="Algorithm.PersistentState"/>.</summary>
    /// <remarks>
    /// The server never rests. Who trains receives from the server's model first, that of the round before; nobody else does, and nobody but the server is
    /// tested. Nodes with samples of their own to be tested on do not rest.
    /// </remarks>
    public bool HasRestingNodes { get; }

    /// <summary>Whether what a node trained is the server's alone from then on: until it receives from the server's model, it holds that which its training began with.</summary>
    public bool StreamsAggregation => Exchanges is [ExchangeKind.Gather or ExchangeKind.GatherBySamples, ExchangeKind.Broadcast]
        && _algorithms.Values.All(a => a is { PersistentState: not null, AggregatesBySums: true });

    /// <summary>Indices of the global test samples that are used, in ascending order.</summary>
    public int[] TestIndices { get; }

    /// <summary>For each node, indices of the test samples drawn by its own priors; empty arrays if none were asked for.</summary>
    public IReadOnlyList<int[]> LocalTest { get; }

    private Algorithm Main => _algorithms[Experiment.Algorithm];

    /// <summary>Weights that a further model of all nodes begins with.</summary>
    /// <param name="variant">0 for <see cref="InitialWeights"/>.</param>
    public ParameterVector InitialWeightsOf(int variant) => variant == 0
        ? InitialWeights
        : _initial.GetOrAdd(variant, v => Initializer.Initialize(Layout, new Seeds((long)Seeds.Stream($"initial-weights/variant-{v}").NextBits())));

    /// <summary>Works out what follows from an experiment.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="data">Where its data are; loads what is not there yet.</param>
    /// <exception cref="ExperimentException">The data do not suit: too few samples, a model that cannot take the images, …</exception>
    public static Plan Of(Experiment experiment, DatasetCache data)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(data);
        return Of(experiment, data.Get(experiment.Dataset), experiment.PublicSet?.Dataset is { } other ? data.Get(other) : null);
    }

    /// <summary>Works out what follows from an experiment.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="data">Its data, loaded.</param>
    /// <param name="other">The data that its public set is of, loaded, if it names such; else null.</param>
    /// <exception cref="ExperimentException">The data do not suit: too few samples, a model that cannot take the images, …</exception>
    public static Plan Of(Experiment experiment, LabeledData data, LabeledData? other = null)
    {
        if (experiment.Model.Create().Refusal(data.Train.Shape) is { } refusal)
            throw new ExperimentException([new ValidationError("$.model", refusal)]);
        var seeds = new Seeds(experiment.Seed);
        var (shared, left) = PublicSets.Draw(experiment.PublicSet, data, other, seeds);
        var bare = experiment.Algorithm.Create().ServerHoldsData ? null : ServerOf(experiment);
        var request = new PartitionRequest(
            PublicSets.Labels(data.Train, left), data.Test.Labels, data.Classes, experiment.Nodes - (bare is null ? 0 : 1), seeds);
        var partition = PublicSets.Split(experiment.Partitioner.Create(), request, left, shared.Count);
        if (bare is { } server) partition = new Partition([.. partition.Train.Take(server), [], .. partition.Train.Skip(server)], [.. partition.Test.Take(server), [], .. partition.Test.Skip(server)]);
        return new Plan(experiment, data, shared, partition, ParameterLayouts.LayoutOf(experiment.Model, data.Train.Shape, data.Classes));
    }

    /// <summary>Who takes part in a round.</summary>
    /// <param name="round">Round, from 0.</param>
    public Membership Members(int round)
    {
        for (var i = _memberships.Length - 1; ; i--)
            if (_memberships[i].FromRound <= round) return _memberships[i]; // the first holds from round 0
    }

    /// <summary>The plan with further changes of the members, after those of the experiment and before none of them.</summary>
    /// <param name="changes">All changes that were not in the experiment, in the order of their rounds.</param>
    /// <exception cref="ExperimentException">A change does not fit.</exception>
    public Plan With(IReadOnlyList<MembershipChange> changes)
    {
        if (changes.Count == 0) return this;
        var all = Experiment.Membership.Concat(changes).OrderBy(c => c.Round).ToList();
        return new Plan(this, Extend([_memberships[0]], all));
    }

    /// <summary>What is wrong with a change of the members, if it came next.</summary>
    /// <param name="change">The change.</param>
    public IReadOnlyList<string> Refusals(MembershipChange change)
    {
        if (RunsSplitSessions) return ["The nodes hand parts of one model on in turn, and a new one would have none; change the members in another run."];
        if (WaitsForNobody) return ["The nodes go by a schedule that was made for these members; change them in another run."];
        if (HasRestingNodes && change.Remove.Contains(Members(change.Round - 1).Server))
            return [$"Node {Members(change.Round - 1).Server} is the server, and alone holds the model while the others rest, so it cannot leave a run under way. "
                + "If it is to leave, say so in the experiment's membership before the start."];
        var after = _memberships.FirstOrDefault(m => m.FromRound >= change.Round - 1 && m.Version > 0);
        return after is not null
            ? [$"The members change in round {after.FromRound + 1} anyhow; ask again after it."]
            : [.. Memberships.Check(Experiment, Members(change.Round - 1).Ranks, change)];
    }

    /// <summary>The algorithm of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public Algorithm AlgorithmOf(int node) => _algorithms[Experiment.AlgorithmOf(node)];

    /// <summary>Indices of the training samples of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public int[] TrainIndices(int node) => _train[node];

    /// <summary>Indices, in the training set, of the validation samples of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public int[] ValidationIndices(int node) => _validation[node];

    /// <summary>Whether a node trains in a round.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public bool Trains(int node, int round)
    {
        var members = Members(round);
        if (!members.Has(node)) return false;
        if (_schedule is not null) return _schedule.Of(round).Trains(node);
        if (Main.Pooled) return node == _memberships[0].Server;
        if (RunsSplitSessions) return false; // they do so in the split session
        return Main.ClientFraction >= 1 || ParticipantsOf(round).Has(node);
    }

    /// <summary>
    /// Who takes part in a round, ascending: all members, or the server and those that train where the others rest, or those that tell and receive from the server where it waits
    /// for so many updates alone, or those that talk or hear something where there are split sessions.
    /// </summary>
    /// <param name="round">Round, from 0.</param>
    public IReadOnlyList<int> Active(int round)
    {
        if (RunsSplitSessions) return [.. Members(round).Ranks.Where(n => Exchanges.Select((_, e) => e).Any(e => Receives(n, round, e)))];
        if (_schedule is null || !Main.TestsNewestOnly) return HasRestingNodes ? ParticipantsOf(round).WithServer : Members(round).Ranks;
        var now = _schedule.Of(round);
        return [.. now.Finishes.Select(f => f.Node).Concat(now.Begun).Append(Members(round).Server).Distinct().Order()];
    }

    /// <summary>Who begins a round by hearing the server's model of the round before, ascending; nobody where nodes do not rest.</summary>
    /// <param name="round">Round, from 0.</param>
    public IEnumerable<int> Woken(int round) => HasRestingNodes && round > 0 ? Active(round).Where(n => n != Members(round).Server) : [];

    /// <summary>
    /// Who holds a model after a round, ascending: all members, or the server alone where the others rest, or those that talked in it, each of whom holds a part and
    /// zeros in place of the others': the model is their sum.
    /// </summary>
    /// <param name="round">Round, from 0.</param>
    public IReadOnlyList<int> Holders(int round) => HasRestingNodes ? [Members(round).Server]
        : RunsSplitSessions ? [.. Members(round).Ranks.Where(n => Receives(n, round, Exchanges.ToList().IndexOf(ExchangeKind.SplitSession)))]
        : Members(round).Ranks;

    /// <summary>What a node keeps of its state while it rests.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="state">Its state after the round.</param>
    /// <returns>The state; null if nothing is left that a new node would not have.</returns>
    public LearnerState? AtRest(int node, LearnerState state)
    {
        var kept = state.Memory.Where(m => AlgorithmOf(node).PersistentState!.Contains(m.Key)).ToDictionary();
        return kept.Count == 0 && state.Optimizer == OptimizerState.Fresh ? null : state with
        {
            Weights = InitialWeights,
            RoundStart = InitialWeights,
            Memory = new SortedDictionary<string, ParameterVector>(kept, StringComparer.Ordinal),
        };
    }

    /// <summary>Whether models are tested after a round.</summary>
    /// <param name="round">Round, from 0.</param>
    public bool Tests(int round) => (round + 1) % Experiment.Evaluation.Every == 0 || round + 1 == Experiment.Rounds;

    /// <summary>Whether a node's model is tested after a round; in split sessions they are tested before that.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public bool Tests(int node, int round) =>
        Tests(round) && !RunsSplitSessions && ((!HasRestingNodes && !Main.TestsNewestOnly) || node == Members(round).Server || Receives(node, round, Exchanges.Count - 1));

    private void RequireSomethingToSend()
    {
        for (var e = 0; e < Exchanges.Count; e++)
            if (_algorithms.Values.Any(a => a.Shape(Layout, ExchangeAt(e)).Weights == 0))
                throw new ExperimentException([new ValidationError("$.algorithm",
                    $"The model {Experiment.Model.Name} has no tensors besides those that stay the node's own, so there is nothing to tell; keep fewer, or use isolated.")]);
    }

    /// <summary>Rank of the server that a run begins with; null where the topology has none.</summary>
    private static int? ServerOf(Experiment experiment) => experiment.Topology.Create().Server is { } place ? Memberships.Initial(experiment)[place] : null;

    private int Samples(int node) => _train[node].Length;

    private Membership MemberOf(int version, int round, int[] ranks, int[] added) => new(
        version, round, ranks, added, GraphOf(ranks, round), ranks[_topology.Server ?? 0]);

    private Graph GraphOf(int[] ranks, int round) => _topology is IFollowLabels follows
        ? follows.Draw([.. ranks.Select(r => _labels[r])], Seeds)
        : _topology.Draw(ranks.Length, Seeds, round);

    private int[] CountLabels(int[] samples)
    {
        var counts = new int[Data.Classes];
        foreach (var sample in samples) counts[Data.Train.Labels[sample]]++;
        return counts;
    }

    private Membership[] Extend(List<Membership> memberships, IReadOnlyList<MembershipChange> changes)
    {
        foreach (var change in changes)
        {
            var before = memberships[^1].Ranks;
            if (Memberships.Check(Experiment, before, change).ToList() is { Count: > 0 } errors)
                throw new ExperimentException([.. errors.Select(f => new ValidationError("$.membership", f))]);
            memberships.Add(MemberOf(memberships.Count, change.Round - 1, Memberships.After(before, change), [.. change.Add.Order()]));
        }
        return [.. memberships];
    }

    /// <summary>Who trains in a round, ascending.</summary>
    private IEnumerable<int> Trainers(int round) => Main.Pooled || Main.ClientFraction >= 1
        ? Members(round).Ranks.Where(i => Trains(i, round)) : ParticipantsOf(round).Ranks;

    /// <summary>Who was drawn to train in a round; the last round's draw is kept, for all nodes ask for it.</summary>
    private Participants ParticipantsOf(int round)
    {
        lock (_gate)
        {
            if (_lastParticipants?.Round == round) return _lastParticipants;
            var (members, server) = (Members(round).Ranks, Members(round).Server);
            var count = Math.Max(1, (int)Math.Round(Main.ClientFraction * members.Length));
            int[] ranks = [.. Seeds.Stream("participants", round: round).Sample(members.Length, count).Select(place => members[place]).Order()];
            return _lastParticipants = new(round, ranks, ranks.Contains(server) ? ranks : [.. ranks.Append(server).Order()]);
        }
    }

    private (int[][] Train, int[][] Validation) Shards(Partition partition)
    {
        var shards = partition.Train.ToArray();
        var server = _memberships[0].Server;
        if (Main.Pooled)
            shards = [.. shards.Select((_, i) => i == server ? partition.Train.SelectMany(s => s).ToArray() : [])];
        var train = new int[shards.Length][];
        var validation = new int[shards.Length][];
        for (var i = 0; i < shards.Length; i++)
        {
            var held = (int)(Experiment.TrainingOf(i).ValidationFraction * shards[i].Length);
            var shuffled = held == 0 ? shards[i] : (int[])shards[i].Clone();
            if (held > 0) Seeds.Stream("validation", i).Shuffle<int>(shuffled);
            (validation[i], train[i]) = (shuffled[..held], held == 0 ? shuffled : shuffled[held..]);
            Array.Sort(validation[i]);
        }
        return (train, validation);
    }

    private int[] TestSample()
    {
        var all = Data.Test.Count;
        var asked = Experiment.Evaluation.TestSamples;
        if (asked > all)
            throw new ExperimentException([new ValidationError("$.evaluation.testSamples",
                $"{asked} test samples are asked for, but the dataset has {all}; ask for at most {all}, or 0 for all.")]);
        if (asked == 0 || asked == all) return [.. Enumerable.Range(0, all)];
        var sample = Seeds.Stream("test-samples").Permutation(all)[..asked];
        Array.Sort(sample);
        return sample;
    }

    private sealed record Participants(int Round, int[] Ranks, int[] WithServer)
    {
        public bool Has(int rank) => Array.BinarySearch(Ranks, rank) >= 0;
    }
}
