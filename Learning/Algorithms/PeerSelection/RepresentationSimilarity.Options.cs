using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

public sealed partial class RepresentationSimilarity
{
    /// <summary>Options of <see cref="RepresentationSimilarity"/>.</summary>
    public sealed record Options : PartnerOptions
    {
        /// <summary>What says how alike two models are.</summary>
        [Option("What says how alike two models are, i the node's and j the other's. On the samples of probe: kl = "
            + "1/KL(j ‖ i), kl-reversed = 1/KL(i ‖ j), euclidean = 1/squared distance, loss-inverse and loss-softmax = "
            + "the less the loss of j, distance-correlation, cka (linear). All, except for the losses, are of the "
            + "log-probabilities of the models' predictions, not of hidden layers. "
            + "Sent by the other, as found on its own samples: sent-kl = 1/KL(j ‖ i), sent-euclidean. "
            + "pairwise-kl = 1/squared distance of what both find of third "
            + "nodes. all = each that a node finds itself is recorded in peer_scores.csv, and nobody has partners.",
            Values = [Kl, KlReversed, Euclidean, LossInverse, LossSoftmax, DistanceCorrelation, Cka, SentKl,
                SentEuclidean, PairwiseKl, AllMetrics])]
        public string Metric { get; init; } = Kl;

        /// <summary>Which samples models are compared on.</summary>
        [Option("Which samples models are compared on: the node's, that it trains on or holds out, "
            + "or those of publicSet, or deep-inversion = inverted samples: inputs that its model is sure of, "
            + "made from noise each round, which takes libtorch and time.",
            Values = [TrainingProbe, ValidationProbe, PublicProbe, DeepInversionProbe])]
        public string Probe { get; init; } = TrainingProbe;

        /// <summary>Peer scores that a node sends.</summary>
        [Option("Number of peer scores that a node sends where metric or consensus needs them, those of the nodes most "
            + "like itself; a node without a score counts as least alike.", Min = 1, Max = 1_000_000)]
        public int Votes { get; init; } = 64;

        /// <summary>Number of samples.</summary>
        [Option("Number of samples that models are compared on, the first of the probe, or inverted; 0 = all.",
            Min = 0, Max = 1_000_000)]
        public int Samples { get; init; } = 16;

        /// <summary>Learning rate of inverted samples.</summary>
        [Option("Learning rate of Adam for inverted samples.", Min = 0, Max = 1000, AboveMin = true)]
        public double InvLr { get; init; } = 0.1;

        /// <summary>Number of steps of inverted samples.</summary>
        [Option("Number of steps from noise to inverted samples.", Min = 1, Max = 1_000_000)]
        public int InvEpochs { get; init; } = 500;

        /// <summary>Weight of the entropy of inverted samples.</summary>
        [Option("Weight of the entropy of the model's predictions for inverted samples.", Min = 0, Max = 1_000_000)]
        public double AlphaPreds { get; init; } = 0.1;

        /// <summary>Weight of the variation of inverted samples.</summary>
        [Option("Weight of the total variation of inverted samples.", Min = 0, Max = 1_000_000)]
        public double AlphaTv { get; init; } = 2.5e-3;

        /// <summary>Weight of the length of inverted samples.</summary>
        [Option("Weight of the Euclidean length of inverted samples.", Min = 0, Max = 1_000_000)]
        public double AlphaL2 { get; init; } = 1e-7;

        /// <summary>Weight of the BatchNorm statistics of inverted samples.</summary>
        [Option("Weight of how far the mean and variance of BatchNorm's inputs for inverted samples are "
            + "from those it keeps; for models that have it.", Min = 0, Max = 1_000_000)]
        public double AlphaF { get; init; } = 10;

        /// <summary>Rounds of the running average.</summary>
        [Option("Number of rounds, the present one included, over which a similarity is averaged.",
            Min = 1, Max = 10_000)]
        public int RunningAverage { get; init; } = 10;

        /// <summary>How partners are taken.</summary>
        [Option("highest, lowest = of the highest or lowest similarity; sampling = drawn by the similarity; "
            + "exponential, lower-exponential = drawn by e^(±similarity/temperature); "
            + "linear, lower-linear = drawn by place, of n the highest n, n − 1, … 1 or 1, 2, … n; "
            + "top = drawn alike of the topSize highest; epsilon-greedy = the highest, "
            + "each with probability epsilon any; place = the place-th highest and those after it; uniform = any.",
            Values = [Highest, Lowest, Sampling, Exponential, LowerExponential, Linear, LowerLinear, Top, EpsilonGreedy,
                AtPlace, Any])]
        public string Selection { get; init; } = Highest;

        /// <summary>Temperature of exponential and lower-exponential.</summary>
        [Option("Temperature τ of the selections exponential and lower-exponential.",
            Min = 0, Max = 1_000_000, AboveMin = true)]
        public double Temperature { get; init; } = 1;

        /// <summary>Share of partners that epsilon-greedy draws from all.</summary>
        [Option("Probability ε with which epsilon-greedy takes any node for a partner.", Min = 0, Max = 1)]
        public double Epsilon { get; init; } = 0.1;

        /// <summary>Number of nodes that top draws of.</summary>
        [Option("Number of the most similar nodes that the selection top draws partners of.", Min = 1, Max = 1_000_000)]
        public int TopSize { get; init; } = 4;

        /// <summary>By how much topSize grows.</summary>
        [Option("Nodes by which topSize grows each round, rounded down.", Min = 0, Max = 1_000_000)]
        public double TopGrowth { get; init; }

        /// <summary>Place of the first partner.</summary>
        [Option("Which the first partner of the selection place is, 1 = the most similar; "
            + "where too few come after it, the last ones are taken.", Min = 1, Max = 1_000_000)]
        public int Place { get; init; } = 1;

        /// <summary>Whether what others find counts, and how.</summary>
        [Option("How what others find counts. none = not at all. sim-averaging = the mean of what the node and "
            + "others find, each weighing what the node finds of it. sim-of-sim = those are similar who see third "
            + "nodes alike. vote-1hop = the share of votes of the node and its voters. affinity-propagation, club "
            + "= partners are of the node's own cluster.",
            Values = [NoConsensus, SimAveraging, SimOfSim, Vote, AffinityPropagation, Club])]
        public string Consensus { get; init; } = NoConsensus;

        /// <summary>Number of voters.</summary>
        [Option("Number of the most similar nodes that vote beside the node with vote-1hop.", Min = 1, Max = 1_000_000)]
        public int Voters { get; init; } = 2;

        /// <summary>Number of votes that a voter has.</summary>
        [Option("Number of nodes that each votes for with vote-1hop: those most similar to the voter.",
            Min = 1, Max = 1_000_000)]
        public int VotesEach { get; init; } = 2;

        /// <summary>Number of links of a node.</summary>
        [Option("Number of the most similar nodes that a node is linked to with club; a cluster is what links connect.",
            Min = 1, Max = 1_000_000)]
        public int ClubSize { get; init; } = 2;

        /// <summary>Whether links count that only one has.</summary>
        [Option("Whether links count with club that only one of two nodes has.")]
        public bool WeakLinks { get; init; }

        /// <summary>Rounds from one selection to the next.</summary>
        [Option("Rounds from one selection of partners to the next.", Min = 1, Max = 1_000_000)]
        public int RoundsPerSelection { get; init; } = 1;

        /// <summary>Number of first rounds.</summary>
        [Option("Number T_0 of first rounds, in which nodes have firstPartners partners; after them all choose anew.",
            Min = 0, Max = 1_000_000)]
        public int FirstRounds { get; init; }

        /// <summary>Number of partners in the first rounds.</summary>
        [Option("Number of partners in the first rounds; 0 = none, nodes train alone.", Min = 0, Max = 1_000_000)]
        public int FirstPartners { get; init; }
    }
}
