using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>
/// Each round each node receives from a few others at random, mostly of its own community, and averages them
/// with itself.
/// </summary>
/// <remarks>
/// SONAR's random partners. Node i is of community i mod <c>communities</c>; with probability p all partners of a round
/// are of the own one, else of the others; p may change over the first R rounds, with x = round/R: <c>linear-up</c>
/// p·x, <c>linear-down</c> p(1 − x), <c>exponential-up</c> p^(1−x)·(1 − p)^x, which goes from p to 1 − p,
/// <c>exponential-down</c> the same backwards, and <c>logarithmic-up</c> p·ln(1 + (e^(1/p) − 1)·x), which ends at 1.
/// A node's own weight is that of each partner, or as given, or falls from 0.9 to 0.5: <c>linear</c> in R/2 rounds,
/// <c>logarithmic</c> in R. The topology is not used.
/// </remarks>
/// <param name="options">Number of partners, communities, decays.</param>
[Component("fedran", Summary = "Each node receives from a few others at random each round, "
    + "mostly of its own community, and averages them with itself.", Aliases = ["random-partners"],
    Source = "SONAR (Self-Organizing Network of Aggregated Representations), algorithm fedran")]
public sealed class FedRan(FedRan.Options options) : Algorithm, ISamplePeers, ICheckSettings
{
    private const string Constant = "constant", LinearUp = "linear-up", LinearDown = "linear-down",
        ExponentialUp = "exponential-up", ExponentialDown = "exponential-down", LogarithmicUp = "logarithmic-up",
        Linear = "linear", Logarithmic = "logarithmic";

    /// <summary>Options of <see cref="FedRan"/>.</summary>
    public sealed record Options : PartnerOptions
    {
        /// <summary>Round from which on there are other numbers of partners.</summary>
        [Option("Rounds T₀ after which laterPartners holds; 0 = never.", Min = 0, Max = 1_000_000)]
        public int LaterAfter { get; init; }

        /// <summary>Number of partners later.</summary>
        [Option("Number of partners after laterAfter rounds; 0 = all.", Min = 0, Max = 1_000_000)]
        public int LaterPartners { get; init; } = 1;

        /// <summary>Number of communities.</summary>
        [Option("Number of communities; node i is of community i mod communities.", Min = 1, Max = 1_000_000)]
        public int Communities { get; init; } = 1;

        /// <summary>Probability of partners from the own community.</summary>
        [Option("Probability p that a round's partners are of the node's own community.", Min = 0, Max = 1)]
        public double WithinCommunity { get; init; } = 1;

        /// <summary>How that probability changes.</summary>
        [Option("How p changes over the first decayRounds rounds.",
            Values = [Constant, LinearUp, LinearDown, ExponentialUp, ExponentialDown, LogarithmicUp])]
        public string WithinDecay { get; init; } = Constant;

        /// <summary>The node's own weight.</summary>
        [Option("The node's own weight in the mean, the rest being the partners' in equal parts; "
            + "0 = as much as each of them.", Min = 0, Max = 1, BelowMax = true)]
        public double OwnWeight { get; init; }

        /// <summary>How the own weight changes.</summary>
        [Option("constant = ownWeight; linear, logarithmic = from 0.9 to 0.5 over the first decayRounds rounds.",
            Values = [Constant, Linear, Logarithmic])]
        public string OwnDecay { get; init; } = Constant;

        /// <summary>Rounds of the decays.</summary>
        [Option("Rounds R over which probability and own weight change.", Min = 1, Max = 1_000_000)]
        public int DecayRounds { get; init; } = 100;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var (rows, trained) = (new MixingRows(), context.Ranks.Where(context.Trained).ToList());
        foreach (var node in trained)
        {
            var partners = PartnersOf(context, node, trained);
            if (partners.Count == 0) continue;
            var own = OwnWeight(context.Round, partners.Count);
            rows.Add(node, node, own);
            foreach (var partner in partners) rows.Add(node, partner, (1 - own) / partners.Count);
        }
        return rows;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        var others = facts.Nodes - 1;
        if (options.Partners > others)
            yield return new ValidationError("partners", $"A node cannot have {options.Partners} partners where there "
                + $"are {others} others; {Remedy.AtMost("partners", others, "to 0 for all")}.");
        if (options.LaterAfter > 0 && options.LaterPartners > others)
            yield return new ValidationError("laterPartners", $"A node cannot have {options.LaterPartners} partners "
                + $"where there are {others} others; {Remedy.AtMost("laterPartners", others, "to 0 for all")}.");
        if (options.Communities > facts.Nodes)
            yield return new ValidationError("communities", $"{facts.Nodes} nodes cannot be of {options.Communities} "
                + $"communities; set communities to {facts.Nodes} or less.");
    }

    /// <summary>The probability of partners from the own community.</summary>
    /// <param name="round">Round, from 0.</param>
    public double Within(int round)
    {
        var (p, x) = (options.WithinCommunity, Math.Min(1, (double)round / options.DecayRounds));
        return options.WithinDecay switch
        {
            LinearUp => p * x,
            LinearDown => p * (1 - x),
            ExponentialUp => Math.Pow(p, 1 - x) * Math.Pow(1 - p, x),
            ExponentialDown => Math.Pow(p, x) * Math.Pow(1 - p, 1 - x),
            LogarithmicUp => p == 0 ? 0 : Math.Min(1, p * Math.Log(1 + (Math.Exp(Math.Min(700, 1 / p)) - 1) * x)),
            _ => p,
        };
    }

    /// <summary>The node's own weight in the mean.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="partners">Number of partners.</param>
    public double OwnWeight(int round, int partners)
    {
        var x = Math.Min(1, (double)round / options.DecayRounds);
        return options.OwnDecay switch
        {
            Linear => 1 - (0.1 + 0.4 * Math.Min(1, 2 * x)),
            Logarithmic => 1 - (0.1 + 0.4 * Math.Log(1 + 0.05 * x) / Math.Log(1.05)),
            _ => options.OwnWeight > 0 ? options.OwnWeight : 1.0 / (partners + 1),
        };
    }

    private List<int> PartnersOf(PeerSamplingContext context, int node, List<int> trained)
    {
        var stream = context.Stream("fedran/partners", node);
        var others = trained.Where(i => i != node).ToList();
        var within = others.Where(i => i % options.Communities == node % options.Communities).ToList();
        var pool = stream.NextDouble() < Within(context.Round) ? within : [.. others.Except(within)];
        if (pool.Count == 0) pool = others; // a community of one, or the only one
        var asked = options.LaterAfter > 0 && context.Round >= options.LaterAfter
            ? options.LaterPartners
            : options.Partners;
        return asked == 0 || asked >= pool.Count
            ? pool
            : [.. stream.Permutation(pool.Count)[..asked].Select(i => pool[i])];
    }
}
