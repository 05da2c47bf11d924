using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Attacks;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Disturbances;
using Orleans.FL.Learning.Filters;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Partitioners;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Everything that a run's result depends on; equal files are equal records.</summary>
public sealed record Experiment
{
    /// <summary>Short name; run ids begin with it.</summary>
    [Option("Short name of the experiment: letters, digits, dots, dashes and underscores; run ids begin with it.",
        Min = 1, Max = 100)]
    public required string Name { get; init; }

    /// <summary>Seed of every random choice of the run.</summary>
    [Option("Seed of every random choice: initial weights, split, order of samples, participants.",
        Min = 0, Max = 9007199254740991)]
    public long Seed { get; init; } = 1;

    /// <summary>Number of nodes.</summary>
    [Option("Number of nodes; each has a rank from 0 to nodes - 1.", Min = 1, Max = 1_000_000)]
    public required int Nodes { get; init; }

    /// <summary>Number of rounds.</summary>
    [Option("Number of rounds: train, exchange, combine.", Min = 1, Max = 1_000_000)]
    public required int Rounds { get; init; }

    /// <summary>How nodes learn from data and from each other.</summary>
    [Option("How a node learns from its data and from the updates that it receives.")]
    public required Component<Algorithm> Algorithm { get; init; }

    /// <summary>Who receives from whom.</summary>
    [Option("Who receives from whom, and with which weight.")]
    public required Component<Topology> Topology { get; init; }

    /// <summary>The data.</summary>
    [Option("The data: training and test samples with their labels or values.")]
    public required Component<Dataset> Dataset { get; init; }

    /// <summary>What is learnt of the data; null for what the dataset is made for.</summary>
    [Option("What is learnt of the data: the loss and the metrics; absent = what the dataset is made for.")]
    public Component<LearningTask>? Task { get; init; }

    /// <summary>Which samples each node holds.</summary>
    [Option("Which training samples each node holds.")]
    public required Component<Partitioner> Partitioner { get; init; }

    /// <summary>Samples that all nodes may look at; null for none.</summary>
    [Option("Samples that all nodes may look at and none trains on, so that models can be compared on them; "
        + "absent = none.")]
    public PublicSetSettings? PublicSet { get; init; }

    /// <summary>The network that is trained.</summary>
    [Option("The network that is trained.")]
    public required Component<Model> Model { get; init; }

    /// <summary>What makes one model of received updates.</summary>
    [Option("What makes one model of the updates that a node receives: the mean, or a robust rule in its place.")]
    public Component<Aggregator> Aggregator { get; init; } = new("weighted-mean", null);

    /// <summary>What updates pass before they are sent.</summary>
    [Option("Filters that each update passes before it is sent, in this order.")]
    public EquatableList<Component<UpdateFilter>> Filters { get; init; } = [];

    /// <summary>Nodes that attack.</summary>
    [Option("Nodes that send something else than what they learned; "
        + "for a node in several entries, the last that attacks in the round counts.")]
    public EquatableList<AttackerGroup> Attackers { get; init; } = [];

    /// <summary>What goes wrong around nodes.</summary>
    [Option("What goes wrong around the nodes, such as dropping out.")]
    public EquatableList<Component<Disturbance>> Disturbances { get; init; } = [];

    /// <summary>How a node trains in a round.</summary>
    [Option("How a node trains in a round.")]
    public TrainingSettings Training { get; init; } = new();

    /// <summary>How what nodes send each other becomes bytes.</summary>
    [Option("How the vectors that nodes send each other become bytes; every node goes on with the decoded values, "
        + "the sender too where it counts itself.")]
    public Component<Codec> Codec { get; init; } = new(Codecs.Codec.Plain, null);

    /// <summary>Who waits for whom, and by which clock.</summary>
    [Option("Who waits for whom, and by which clock.")]
    public Component<Pace> Pace { get; init; } = new(Paces.Pace.Synchronous, null);

    /// <summary>When and on what the models are tested.</summary>
    [Option("When and on what the models are tested.")]
    public EvaluationSettings Evaluation { get; init; } = new();

    /// <summary>Scalars that are recorded besides those of every run; null for none.</summary>
    [Option("Scalars that are recorded each round besides those of every run, each a further column; absent = none.")]
    public EquatableList<Component<Metric>>? Metrics { get; init; }

    /// <summary>How long a run waits for its nodes.</summary>
    [Option("How long the run waits for its nodes, and how many of them it needs.")]
    public SeatingSettings Seating { get; init; } = new();

    /// <summary>Nodes that join and leave while the run goes on.</summary>
    [Option("Nodes that join and leave while the run goes on, in the order of their rounds; "
        + "the topology is drawn anew for the members that are left.")]
    public EquatableList<MembershipChange> Membership { get; init; } = [];

    /// <summary>How often the state of all nodes is kept.</summary>
    [Option("How often the state of all nodes is kept, so that the run survives the loss of silos.")]
    public CheckpointSettings Checkpoints { get; init; } = new();

    /// <summary>Where nodes must sit.</summary>
    [Option("Silos and devices that nodes are pinned to; the others are dealt over the lanes of all silos; "
        + "later entries win.")]
    public EquatableList<DevicePin> Devices { get; init; } = [];

    /// <summary>Settings of single nodes that differ from the experiment's.</summary>
    [Option("Nodes whose algorithm or training differ from the experiment's; later entries win.")]
    public EquatableList<NodeOverride> NodeOverrides { get; init; } = [];

    /// <summary>The task, named by the experiment or by its dataset.</summary>
    public LearningTask TaskOrDefault() => Task?.Create() ?? Catalog<LearningTask>.Create(TaskName, null);

    /// <summary>Name of <see cref="TaskOrDefault"/>.</summary>
    internal string TaskName => Task?.Name ?? Dataset.Create().Task;

    /// <summary>The algorithm of one node, its override considered.</summary>
    /// <param name="node">Rank of the node.</param>
    public Component<Algorithm> AlgorithmOf(int node) =>
        NodeOverrides.LastOrDefault(o => o.Algorithm is not null && o.Nodes.Contains(node))?.Algorithm ?? Algorithm;

    /// <summary>The training settings of one node, its override considered.</summary>
    /// <param name="node">Rank of the node.</param>
    public TrainingSettings TrainingOf(int node) =>
        NodeOverrides.LastOrDefault(o => o.Training is not null && o.Nodes.Contains(node))?.Training ?? Training;
}

/// <summary>When and on what the models are tested.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Rounds between two tests; the last round is always tested.</summary>
    [Option("Rounds between two tests; the last round is always tested.", Min = 1, Max = 1_000_000)]
    public int Every { get; init; } = 1;

    /// <summary>Test samples used, the same for all nodes; 0 means all.</summary>
    [Option("Test samples used, the same random ones for all nodes; 0 = all.", Min = 0, Max = 100_000_000)]
    public int TestSamples { get; init; }
}

/// <summary>How long a run waits for its nodes.</summary>
public sealed record SeatingSettings
{
    /// <summary>Share of the nodes that must be ready for the run to begin.</summary>
    [Option("Share of the nodes that must be ready for the run to begin.", Min = 0, Max = 1, AboveMin = true)]
    public double Quorum { get; init; } = 1;

    /// <summary>Share of the nodes that must be present to the end of a round for the run to go on.</summary>
    [Option("Share of the nodes that must be present to the end of a round for the run to go on.",
        Min = 0, Max = 1, AboveMin = true)]
    public double RoundQuorum { get; init; } = 0.5;

    /// <summary>Rounds in a row without a usable update after which the run fails; 0 means never.</summary>
    [Option("Rounds in a row, or all rounds of a shorter run, without a usable update after which the run fails; "
        + "0 = never.", Min = 0, Max = 1_000_000)]
    public int FruitlessRounds { get; init; } = 10;

    /// <summary>Number of nodes that are members from the beginning; 0 means all.</summary>
    [Option("Number of nodes that are members from the beginning, the first ranks; 0 = all. The others may join later.",
        Min = 0, Max = 1_000_000)]
    public int Members { get; init; }

    /// <summary>What becomes of a node that misses a deadline.</summary>
    [Option("What becomes of a node that misses a deadline: continue = the round goes on without it and its weight "
        + "goes back to the row; wait = the round waits for it; stop = the run ends.", Values = [Continue, Wait, Stop])]
    public string Absence { get; init; } = Continue;

    /// <summary>Seconds that the run waits for nodes to be ready.</summary>
    [Option("Seconds that the run waits for its nodes to be ready.", Min = 1, Max = 86_400)]
    public double DeadlineSeconds { get; init; } = 120;

    /// <summary>Seconds that one phase of a round may take before a node counts as absent.</summary>
    [Option("Seconds that a phase of a round (train, combine, test) may take before the node counts as absent.",
        Min = 1, Max = 604_800)]
    public double RoundDeadlineSeconds { get; init; } = 3_600;

    /// <summary>Deadline of a phase as a multiple of its median time; 0 for none.</summary>
    [Option("Deadline of a phase as a multiple of the time in which half of its nodes were done; "
        + "the earlier deadline counts; 0 = none.", Min = 0, Max = 1_000_000)]
    public double DeadlineMedians { get; init; }

    /// <summary>The round goes on without the node.</summary>
    public const string Continue = "continue";

    /// <summary>The round waits for the node.</summary>
    public const string Wait = "wait";

    /// <summary>The run ends.</summary>
    public const string Stop = "stop";
}

/// <summary>How often the state of all nodes is kept.</summary>
public sealed record CheckpointSettings
{
    /// <summary>Rounds between two checkpoints; 0 means never.</summary>
    [Option("Rounds between two checkpoints; 0 = no checkpoints.", Min = 0, Max = 1_000_000)]
    public int Every { get; init; } = 1;

    /// <summary>Least seconds between two checkpoints: rounds that are shorter share one.</summary>
    [Option("Least seconds between two checkpoints. After a loss the rounds since the last one are done again, "
        + "to the same bytes; 0 = each that is due is kept.", Min = 0, Max = 86_400)]
    public double SecondsBetween { get; init; } = 1;

    /// <summary>Number of checkpoints that are kept.</summary>
    [Option("Number of checkpoints that are kept.", Min = 1, Max = 1000)]
    public int Keep { get; init; } = 2;
}

/// <summary>Where some nodes must sit.</summary>
public sealed record DevicePin
{
    /// <summary>Ranks of the nodes.</summary>
    [Option("Ranks of the nodes.", Min = 0)]
    public required EquatableList<int> Nodes { get; init; }

    /// <summary>Name of a silo; null for any.</summary>
    [Option("Name of the silo that they sit on.", Min = 1, Max = 200)]
    public string? Silo { get; init; }

    /// <summary>Label of silos; null for any.</summary>
    [Option("Label of the silos that they sit on, such as gpu=a100.", Min = 1, Max = 200)]
    public string? Label { get; init; }

    /// <summary>Device of the lanes that they train on; null for any.</summary>
    [Option("Device of the lanes that they train on: cpu or cuda:N. Several nodes in one entry with devices per host: "
        + "one entry a host.", Min = 1, Max = 20)]
    public string? Device { get; init; }
}

/// <summary>Nodes whose settings differ from the experiment's.</summary>
public sealed record NodeOverride
{
    /// <summary>Ranks of the nodes.</summary>
    [Option("Ranks of the nodes.", Min = 0)]
    public required EquatableList<int> Nodes { get; init; }

    /// <summary>Their algorithm; null means the experiment's.</summary>
    [Option("Their algorithm, whole.")]
    public Component<Algorithm>? Algorithm { get; init; }

    /// <summary>Their training settings, merged over the experiment's; null means the experiment's.</summary>
    [Option("Their training settings; what is not named stays the experiment's.")]
    public TrainingSettings? Training { get; init; }
}
