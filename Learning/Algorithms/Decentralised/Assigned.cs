using System.Numerics;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>
/// Each node averages with the partners that it is assigned: given ones, some of these, or one at a doubling distance.
/// </summary>
/// <remarks>
/// SONAR's assigned collaborators. <c>one-peer-exponential</c> is Ying et al. 2021: of N members the one in place i
/// receives from the one in place (i + 2^(r mod ⌈log₂N⌉)) mod N in round r; with N a power of two, log₂N rounds without
/// training make all equal. All that a node receives from counts the same. The topology is not used.
/// </remarks>
/// <param name="options">Strategy, lists of partners.</param>
[Component("assigned", Summary = "Each node averages with the partners that it is assigned: given ones, some of these, "
    + "or one at a doubling distance.", Aliases = ["fedass"], Source = "Ying et al., Exponential Graph is Provably "
        + "Efficient for Decentralized Deep Training, NeurIPS 2021, arXiv:2110.13363")]
public sealed class Assigned(Assigned.Options options) : Algorithm, ISamplePeers, ICheckSettings
{
    private const string OnePeerExponential = "one-peer-exponential", Fixed = "fixed",
        RandomAmongAssigned = "random-among-assigned";

    /// <summary>Options of <see cref="Assigned"/>.</summary>
    public sealed record Options
    {
        /// <summary>How partners are assigned.</summary>
        [Option("one-peer-exponential = one at a distance that doubles each round; fixed = those listed; "
            + "random-among-assigned = some of those listed, drawn each round.",
            Values = [OnePeerExponential, Fixed, RandomAmongAssigned])]
        public string Strategy { get; init; } = OnePeerExponential;

        /// <summary>Partners of each node.</summary>
        [Option("For each node the ranks of its partners; not for one-peer-exponential.")]
        public EquatableList<EquatableList<int>> Lists { get; init; } = [];

        /// <summary>Partners that are drawn.</summary>
        [Option("Number of partners that random-among-assigned draws in a round.", Min = 1, Max = 1_000_000)]
        public int Drawn { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        for (var place = 0; place < context.Ranks.Count; place++)
        {
            var node = context.Ranks[place];
            var partners = PartnersOf(context, place)
                .Where(p => p != node && context.Ranks.Contains(p) && context.Trained(p)).ToList();
            if (partners.Count == 0 || !context.Trained(node)) continue;
            foreach (var received in partners.Append(node)) rows.Add(node, received);
        }
        return rows;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (options.Strategy == OnePeerExponential) yield break;
        var n = facts.Nodes;
        if (options.Lists.Count != n)
            yield return new ValidationError("lists", $"There are {options.Lists.Count} lists of partners for {n} "
                + "nodes; give one for each node, [] for one that receives from nobody.");
        foreach (var (node, list) in options.Lists.Index().Where(l => l.Item.Any(p => p < 0 || p >= n || p == l.Index)))
            yield return new ValidationError($"lists[{node}]", $"A partner of node {node} must be another one of 0 to "
                + $"{n - 1}; its list is {string.Join(", ", list)}.");
    }

    private IEnumerable<int> PartnersOf(PeerSamplingContext context, int place)
    {
        var n = context.Ranks.Count;
        if (options.Strategy == OnePeerExponential)
            return n < 2
                ? []
                : [context.Ranks[(place + (1 << context.Round % (BitOperations.Log2((uint)n - 1) + 1))) % n]];
        var list = options.Lists[context.Ranks[place]].Distinct().ToList();
        return options.Strategy == Fixed || list.Count <= options.Drawn
            ? list
            : context.Stream("assigned/partners", context.Ranks[place]).Permutation(list.Count)[..options.Drawn]
                .Select(i => list[i]);
    }
}
