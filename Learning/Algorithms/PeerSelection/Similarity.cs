using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>Each node averages with the few whose models are the most like its own.</summary>
/// <remarks>
/// Each round anew, after training. Distances: <c>weights-l2</c>, the sum over the tensors of the norm of their
/// difference; <c>weights-cosine</c>, 1 − cos of the weights; <c>output-l2</c>, the Frobenius norm of the difference
/// of the scores on the probe samples; <c>output-kl</c>, the mean of KL(own ‖ other) of the predictions; <c>loss</c>,
/// the other's mean loss on them (the measure of Onoszko et al. 2021). The probe is the same for all models of a
/// round; with <c>probe</c> <c>public</c> it is the experiment's <c>publicSet</c>, the same for all nodes. Samplers:
/// the closest; softmax of −distance/τ without replacement (Listo Zec et al. 2022 draw so by e^(τ/loss)); or the
/// closest, each with probability ε replaced by any. With clustering, a node groups the models that it received and
/// its own, by Euclidean distances of weights, of weights made to length 1, or of scores, and takes partners of its own
/// cluster only.
/// </remarks>
/// <param name="options">Number of partners, distance, sampler.</param>
[Component("similarity", Summary = "Each node averages with the few whose models are the most like its own.",
    Aliases = ["feddynamic"],
    Source = "Onoszko et al., Decentralized federated learning of deep neural networks on non-iid data, 2021, "
        + "arXiv:2107.08517; Listo Zec et al., Decentralized adaptive clustering of deep nets is beneficial for client "
        + "collaboration, 2022, arXiv:2206.08839")]
public sealed class Similarity(Similarity.Options options) : PartnerChoice(options), IUseClasses
{
    private const string WeightsL2 = "weights-l2", WeightsCosine = "weights-cosine", OutputL2 = "output-l2",
        OutputKl = "output-kl", Loss = "loss";
    private const string Closest = "closest", Softmax = "softmax", EpsilonGreedy = "epsilon-greedy";
    private const string NoClusters = "none", KMeans = "k-means", AffinityPropagation = "affinity-propagation";

    /// <summary>Options of <see cref="Similarity"/>.</summary>
    public sealed record Options : PartnerOptions
    {
        /// <summary>What says how far two models are apart.</summary>
        [Option("What says how far two models are apart: their weights, their outputs on the node's samples, "
            + "or the other's loss on these.", Values = [WeightsL2, WeightsCosine, OutputL2, OutputKl, Loss])]
        public string Metric { get; init; } = WeightsL2;

        /// <summary>How partners are taken by their distances.</summary>
        [Option("closest = those of the smallest distance; softmax = drawn by e^(−distance/temperature); "
            + "epsilon-greedy = the closest, each with probability epsilon any.",
            Values = [Closest, Softmax, EpsilonGreedy])]
        public string Sampler { get; init; } = Closest;

        /// <summary>Temperature of softmax.</summary>
        [Option("Temperature τ of the sampler softmax, in the distance's unit.",
            Min = 0, Max = 1_000_000, AboveMin = true)]
        public double Temperature { get; init; } = 1;

        /// <summary>Share of partners that epsilon-greedy draws from all.</summary>
        [Option("Probability ε with which epsilon-greedy takes any node for a partner.", Min = 0, Max = 1)]
        public double Epsilon { get; init; } = 0.1;

        /// <summary>How models are grouped.</summary>
        [Option("Whether partners are of the node's own cluster only, and how models are clustered.",
            Values = [NoClusters, KMeans, AffinityPropagation])]
        public string Clustering { get; init; } = NoClusters;

        /// <summary>Number of clusters of k-means.</summary>
        [Option("Number of clusters of the clustering k-means.", Min = 1, Max = 1_000_000)]
        public int Clusters { get; init; } = 2;

        /// <summary>Which samples outputs and losses are of.</summary>
        [Option("Which samples outputs and losses are of: the node's, that it trains on or holds out, "
            + "or those of publicSet.", Values = [TrainingProbe, ValidationProbe, PublicProbe])]
        public string Probe { get; init; } = TrainingProbe;

        /// <summary>Most samples of the probe.</summary>
        [Option("Most samples that outputs and losses are of; 0 = all.", Min = 0, Max = 1_000_000)]
        public int ProbeSamples { get; init; }
    }

    /// <inheritdoc/>
    public string? WithoutClasses => options.Metric == OutputKl ? $"set metric to {OutputL2} or {Loss}" : null;

    /// <inheritdoc/>
    protected override Requirements Needs => new()
    {
        Validation = options.Probe == ValidationProbe && ComparesOutputs,
        PublicSet = options.Probe == PublicProbe && ComparesOutputs,
    };

    private bool ComparesOutputs => options.Metric is (OutputL2 or OutputKl or Loss);

    /// <inheritdoc/>
    public override IEnumerable<ValidationError> Check(ExperimentFacts facts) =>
        options.Clustering != NoClusters && options.Metric is (OutputKl or Loss)
            ? base.Check(facts).Append(new ValidationError("metric",
                $"Clusters need a distance of any two models, which {options.Metric} is not; "
                    + "set metric to weights-l2, weights-cosine or output-l2, or clustering to none."))
            : base.Check(facts);

    /// <inheritdoc/>
    protected override IEnumerable<ReceivedUpdate> Choose(Learner me, IReadOnlyList<ReceivedUpdate> others, int count)
    {
        var distances = DistancesOf(me, others);
        var (left, stream, chosen) = (Ascending(distances), me.Stream("similarity/partners"),
            new List<ReceivedUpdate>());
        while (chosen.Count < count)
        {
            var place = options.Sampler switch
            {
                Softmax => DrawPlace(stream,
                    [.. left.Select(i => Math.Exp(-(distances[i] - distances[left[0]]) / options.Temperature))]),
                EpsilonGreedy when stream.NextDouble() < options.Epsilon => stream.NextInt(left.Count),
                _ => 0,
            };
            chosen.Add(others[left[place]]);
            left.RemoveAt(place);
        }
        return chosen;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<ReceivedUpdate> Candidates(Learner me, IReadOnlyList<ReceivedUpdate> others)
    {
        if (options.Clustering == NoClusters || others.Count == 0) return others;
        var squared = SquaredDistances(me, [.. others.Select(o => o.Update.Weights).Append(me.Weights)]);
        var labels = options.Clustering == KMeans
            ? PairwiseClusters.KMeans(squared, options.Clusters, me.Stream("similarity/clusters"))
            : PairwiseClusters.AffinityPropagation(squared);
        return [.. others.Where((_, i) => labels[i] == labels[^1])];
    }

    private double[][] SquaredDistances(Learner me, ParameterVector[] models)
    {
        if (options.Metric == WeightsCosine) return Pairs((a, b) => 2 - 2 * ModelDistance.Cosine(a, b, me.Layout));
        if (options.Metric == WeightsL2) return Pairs((a, b) => Math.Pow(ModelDistance.Euclidean(a, b, me.Layout), 2));
        var probe = ProbeOf(me, options.Probe, options.ProbeSamples);
        if (probe.Count == 0) return Pairs((_, _) => 0);
        models = Array.ConvertAll(models, w => me.Bench.Outputs(w, probe));
        return Pairs((a, b) => Math.Pow(ModelDistance.Euclidean(a.Span, b.Span), 2));

        double[][] Pairs(Func<ParameterVector, ParameterVector, double> squared) =>
            [.. models.Select(a => models.Select(b => squared(a, b)).ToArray())];
    }

    private double[] DistancesOf(Learner me, IReadOnlyList<ReceivedUpdate> others)
    {
        if (options.Metric == WeightsL2)
            return [.. others.Select(o => ModelDistance.ByTensor(me.Weights, o.Update.Weights, me.Layout))];
        if (options.Metric == WeightsCosine)
            return [.. others.Select(o => 1 - ModelDistance.Cosine(me.Weights, o.Update.Weights, me.Layout))];
        var probe = ProbeOf(me, options.Probe, options.ProbeSamples);
        if (probe.Count == 0) return new double[others.Count]; // without samples all are alike
        if (options.Metric == Loss) return [.. others.Select(o => me.Bench.Evaluate(o.Update.Weights, probe).Loss)];
        var own = me.Bench.Outputs(me.Weights, probe);
        return [.. others.Select(o => me.Bench.Outputs(o.Update.Weights, probe)).Select(o => options.Metric == OutputL2
            ? ModelDistance.Euclidean(own.Span, o.Span)
            : ModelDistance.KullbackLeibler(own.Span, o.Span, own.Length / probe.Count))];
    }
}
