using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Each node averages with those whose models represent its samples the most like its own does.</summary>
/// <remarks>
/// SONAR's family of representation similarity, on the node's own samples, with sᵢ the node's log-probabilities and sⱼ the other's: <c>kl</c> 1/KL(sⱼ ‖ sᵢ); <c>euclidean</c> 1/Σ(sⱼ − sᵢ)²;
/// <c>loss-inverse</c> 1 − ℓⱼ/Σℓ and <c>loss-softmax</c> 1 − softmax(ℓ)ⱼ of the losses; <c>distance-correlation</c> and <c>cka</c> of sⱼ and sᵢ. What a node finds is averaged over its last
/// rounds. Partners are chosen every few rounds and kept between. Nodes test each other's models instead of sending samples about, so that
/// metrics on other nodes' samples, and made-up ones (dreams), are not there.
/// </remarks>
/// <param name="options">Number of partners, metric, selection.</param>
[Component("representation-similarity", Summary = "Each node averages with those whose models represent its samples the most like its own does.", Aliases = ["feddatarepr"],
    Source = "SONAR (Self-Organizing Network of Aggregated Representations), algorithm feddatarepr; "
        + "Kornblith et al., Similarity of Neural Network Representations Revisited, ICML 2019, arXiv:1905.00414 (cka)")]
public sealed class RepresentationSimilarity(RepresentationSimilarity.Options options) : PartnerChoice(options)
{
    private const string Kl = "kl", Euclidean = "euclidean", LossInverse = "loss-inverse", LossSoftmax = "loss-softmax",
        DistanceCorrelation = "distance-correlation", Cka = "cka";
    private const string Highest = "highest", Lowest = "lowest", Sampling = "sampling", Exponential = "exponential", Top = "top", EpsilonGreedy = "epsilon-greedy";
    private const string History = "representation.history";
    private const string Chosen = "representation.partners";
    private const float Unknown = -1;
    private const double Least = 1e-10;

    /// <summary>Options of <see cref="RepresentationSimilarity"/>.</summary>
    public sealed record Options : PartnerOptions
    {
        /// <summary>What says how alike two models are.</summary>
        [Option("What says how alike two models are on the node's samples.", Values = [Kl, Euclidean, LossInverse, LossSoftmax, DistanceCorrelation, Cka])]
        public string Metric { get; init; } = Kl;

        /// <summary>Number of samples.</summary>
        [Option("Number of the node's training samples that models are compared on; 0 = all.", Min = 0, Max = 1_000_000)]
        public int Samples { get; init; } = 16;

        /// <summary>Rounds of the running average.</summary>
        [Option("Number of rounds, the present one included, over which a similarity is averaged.", Min = 1, Max = 10_000)]
        public int RunningAverage { get; init; } = 10;

        /// <summary>How partners are taken.</summary>
        [Option("highest, lowest = of the highest or lowest similarity; sampling, exponential = drawn by the similarity, or by e^(similarity/temperature); top = drawn alike of the topSize highest; "
            + "epsilon-greedy = the highest, each with probability epsilon any.", Values = [Highest, Lowest, Sampling, Exponential, Top, EpsilonGreedy])]
        public string Selection { get; init; } = Highest;

        /// <summary>Temperature of exponential.</summary>
        [Option("Temperature τ of the selection exponential.", Min = 0, Max = 1_000_000, AboveMin = true)]
        public double Temperature { get; init; } = 1;

        /// <summary>Share of partners that epsilon-greedy draws from all.</summary>
        [Option("Probability ε with which epsilon-greedy takes any node for a partner.", Min = 0, Max = 1)]
        public double Epsilon { get; init; } = 0.1;

        /// <summary>Number of nodes that top draws of.</summary>
        [Option("Number of the most similar nodes that the selection top draws partners of.", Min = 1, Max = 1_000_000)]
        public int TopSize { get; init; } = 4;

        /// <summary>Rounds from one selection to the next.</summary>
        [Option("Rounds from one selection of partners to the next.", Min = 1, Max = 1_000_000)]
        public int RoundsPerSelection { get; init; } = 1;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Heard> Choose(Learner me, IReadOnlyList<Heard> others, int count)
    {
        var averages = Averages(me, others, Similarities(me, others));
        var before = me.Numbers(Chosen)?.Span.ToArray().Select(n => (int)n).ToHashSet();
        if (before is not null && me.Round % options.RoundsPerSelection != 0) return others.Where(o => before.Contains(o.Node));
        var chosen = Take(me, averages, count).Select(i => others[i]).ToList();
        me.Remember(Chosen, [.. chosen.Select(c => (float)c.Node)]);
        return chosen;
    }

    private double[] Similarities(Learner me, IReadOnlyList<Heard> others)
    {
        var probe = options.Samples == 0 ? me.Bench.Training : me.Bench.Training.First(options.Samples);
        if (probe.Count == 0) return new double[others.Count]; // a node without samples cannot tell one from the other
        if (options.Metric is LossInverse or LossSoftmax)
        {
            var losses = others.Select(o => me.Bench.Evaluate(o.Update.Weights, probe).Loss).ToArray();
            var shares = options.Metric == LossInverse ? Array.ConvertAll(losses, l => l / losses.Sum()) : L2C.Softmax(losses);
            return Array.ConvertAll(shares, s => double.IsNaN(s) ? 0 : 1 - s);
        }
        var own = LogProbabilities(me, me.Weights, probe);
        return [.. others.Select(o => Alike(own, LogProbabilities(me, o.Update.Weights, probe)))];
    }

    private double Alike(double[][] own, double[][] other)
    {
        var similarity = options.Metric switch
        {
            Kl => 1 / Math.Max(Least, own.Zip(other, (i, j) => j.Zip(i, (q, p) => Math.Exp(q) * (q - p)).Sum()).Average()),
            Euclidean => 1 / Math.Max(Least, own.Zip(other, (i, j) => i.Zip(j, (p, q) => (p - q) * (p - q)).Sum()).Sum()),
            Cka => Likeness.KernelAlignment(own, other),
            _ => Likeness.DistanceCorrelation(own, other),
        };
        return double.IsNaN(similarity) ? 0 : similarity;
    }

    private static double[][] LogProbabilities(Learner me, ParameterVector weights, SampleSet probe)
    {
        var scores = me.Bench.Outputs(weights, probe).Span.ToArray();
        return [.. scores.Chunk(scores.Length / probe.Count).Select(sample => ModelDistance.LogSoftmax(sample))];
    }

    /// <summary>Means over the last rounds in which each was heard; the newest round comes first in the history.</summary>
    private double[] Averages(Learner me, IReadOnlyList<Heard> others, double[] similarities)
    {
        var row = new float[me.Nodes];
        Array.Fill(row, Unknown);
        for (var i = 0; i < others.Count; i++) row[others[i].Node] = (float)similarities[i];
        float[] history = [.. row.Concat(me.Numbers(History)?.Span.ToArray() ?? []).Take(me.Nodes * options.RunningAverage)];
        me.Remember(History, history);
        return [.. others.Select(o => history.Where((value, at) => at % me.Nodes == o.Node && value > Unknown).Average(v => (double)v))];
    }

    private IEnumerable<int> Take(Learner me, double[] similarities, int count)
    {
        var stream = me.Stream("representation/partners");
        var left = Ascending(Array.ConvertAll(similarities, s => options.Selection == Lowest ? s : -s));
        if (options.Selection == Top) left = left[..Math.Clamp(options.TopSize, count, left.Count)];
        for (; count > 0; count--)
        {
            var place = options.Selection switch
            {
                Sampling => DrawPlace(stream, [.. left.Select(i => similarities[i])]),
                Exponential => DrawPlace(stream, [.. left.Select(i => Math.Exp((similarities[i] - similarities[left[0]]) / options.Temperature))]),
                Top => stream.NextInt(left.Count),
                EpsilonGreedy when stream.NextDouble() < options.Epsilon => stream.NextInt(left.Count),
                _ => 0,
            };
            yield return left[place];
            left.RemoveAt(place);
        }
    }
}
