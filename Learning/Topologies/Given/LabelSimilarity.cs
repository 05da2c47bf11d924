using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Topologies.Given;

/// <summary>Each node is connected with those whose training labels are distributed the most like its own.</summary>
/// <remarks>
/// The k-nearest-neighbour graph of the nodes' label shares, as an undirected one: an edge is there if one of the
/// two chose the other, so that degrees are k and more. This is similarity of data, not of models: a graph is known
/// before the run, the same on all silos. Partners by models are chosen by algorithms, such as <c>similarity</c>, on
/// any graph. In a federation of strangers nodes would have to reveal their label shares for this. With p and q the
/// shares: <c>l2</c> ‖p − q‖; <c>cosine</c> 1 − p·q/(‖p‖·‖q‖); <c>jensen-shannon</c> ½·KL(p ‖ m) + ½·KL(q ‖ m) in nats,
/// m = (p + q)/2, from 0 to ln 2. Distances are rounded to nine decimals; between equal ones the seed decides. A node
/// without samples counts as one with all classes alike. To connect the graph, each part is joined to another by the
/// nearest pair, until there is one part (Borůvka 1926).
/// </remarks>
/// <param name="options">Degree, measure, connectivity, mixing weights.</param>
[Component("label-similarity",
    Summary = "Each node is connected with those whose training labels are distributed the most like its own.",
    Aliases = ["similarity-driven"],
    Source = "Vanhaesebrouck, Bellet, Tommasi, Decentralized Collaborative Learning of Personalized Models over "
        + "Networks, AISTATS 2017, arXiv:1610.05202 (graphs of similar nodes); "
        + "Lin, Divergence Measures Based on the Shannon Entropy, IEEE Trans. Inf. Theory 1991 (jensen-shannon)")]
public sealed class LabelSimilarity(LabelSimilarity.Options options) : Topology(options), IFollowLabels, IUseClasses
{
    private const string L2 = "l2", Cosine = "cosine", JensenShannon = "jensen-shannon";

    /// <summary>All pairs are looked at.</summary>
    private const int MostNodes = 4_000;

    /// <summary>Options of <see cref="LabelSimilarity"/>.</summary>
    public sealed record Options : TopologyOptions
    {
        /// <summary>Nodes that each node chooses.</summary>
        [Option("Nodes that each node chooses; those that others choose it for come on top. Below the number of nodes.",
            Min = 1, Max = 4_000)]
        public int Degree { get; init; } = 2;

        /// <summary>What says how far two label distributions are apart.</summary>
        [Option("What says how far two label distributions are apart: the Euclidean distance, 1 − cosine, "
            + "or the Jensen–Shannon divergence.", Values = [L2, Cosine, JensenShannon])]
        public string Measure { get; init; } = L2;

        /// <summary>Whether parts are joined until the graph is connected.</summary>
        [Option("Whether parts of the graph are joined by the nearest pairs until each node can be reached from "
            + "each other.")]
        public bool Connected { get; init; } = true;
    }

    /// <inheritdoc/>
    public string? WithoutClasses => "take a topology that needs no labels, such as random-regular";

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => nodes > MostNodes
        ? $"All pairs of nodes are compared, so there can be {MostNodes} nodes; there are {nodes}. "
            + "Take fewer, or random-regular."
        : options.Degree >= nodes
            ? $"Degree {options.Degree} needs at least {options.Degree + 1} nodes; there are {nodes}."
                + (nodes > 1 ? $" Nearest that works: degree {nodes - 1}." : "")
            : null;

    /// <inheritdoc/>
    /// <exception cref="ExperimentException">Always: a graph of labels needs an experiment's data.</exception>
    public override Graph Draw(int nodes, Seeds seeds, int round) =>
        throw new ExperimentException([new ValidationError("$.topology", "The graph follows from the labels of the "
            + "nodes' samples, and there are no data here; run an experiment with it, whose graph.json has the edges, "
            + "or look at a topology that needs none, such as random-regular.")]);

    /// <inheritdoc/>
    public Graph Draw(IReadOnlyList<int[]> labels, Seeds seeds)
    {
        var shares = labels.Select(Shares).ToArray();
        var order = seeds.Stream("label-similarity").Permutation(shares.Length); // node → its rank among equals
        var edges = Enumerable.Range(0, shares.Length)
            .SelectMany(i => Chosen(shares, order, i).Select(j => (i, j))).ToList();
        while (options.Connected && Bridges(shares, PartsOf(shares.Length, edges)) is { Count: > 0 } bridges)
            edges.AddRange(bridges);
        return SparseGraph.Of(shares.Length, edges);
    }

    /// <summary>How far two label distributions are apart, in nine decimals.</summary>
    /// <param name="p">Shares of the classes, which sum to 1.</param>
    /// <param name="q">Others.</param>
    public double Distance(double[] p, double[] q)
    {
        ArgumentNullException.ThrowIfNull(p);
        ArgumentNullException.ThrowIfNull(q);
        double pq = 0, pp = 0, qq = 0, divergence = 0;
        for (var c = 0; c < p.Length; c++)
        {
            pq += p[c] * q[c];
            pp += p[c] * p[c];
            qq += q[c] * q[c];
            if (options.Measure == JensenShannon)
                divergence += (Part(p[c], (p[c] + q[c]) / 2) + Part(q[c], (p[c] + q[c]) / 2)) / 2;
        }
        return Math.Round(options.Measure switch
        {
            Cosine => 1 - pq / Math.Sqrt(pp) / Math.Sqrt(qq),
            JensenShannon => divergence,
            _ => Math.Sqrt(Math.Max(0, pp - 2 * pq + qq)),
        }, 9);
    }

    private static double Part(double share, double mean) => share == 0 ? 0 : share * Math.Log(share / mean);

    private IEnumerable<int> Chosen(double[][] shares, int[] order, int node)
    {
        var others = Enumerable.Range(0, shares.Length).Where(j => j != node)
            .Select(j => (Distance: Distance(shares[node], shares[j]), Turn: Mod(order[j] - order[node], shares.Length),
                Node: j)).ToArray();
        Array.Sort(others);
        return others.Take(options.Degree).Select(o => o.Node);
    }

    /// <summary>For each part the nearest pair of those that leave it; none if there is one part.</summary>
    private List<(int, int)> Bridges(double[][] shares, int[] parts)
    {
        var best = new SortedDictionary<int, (double Distance, int I, int J)>();
        if (parts.All(p => p == parts[0])) return [];
        for (var i = 0; i < parts.Length; i++)
            for (var j = i + 1; j < parts.Length; j++)
            {
                if (parts[i] == parts[j]) continue;
                var pair = (Distance(shares[i], shares[j]), i, j);
                foreach (var part in new[] { parts[i], parts[j] })
                    if (!best.TryGetValue(part, out var other) || pair.CompareTo(other) < 0) best[part] = pair;
            }
        return [.. best.Values.Select(b => (b.I, b.J)).Distinct()];
    }

    /// <summary>The least rank of each node's connected part.</summary>
    private static int[] PartsOf(int nodes, List<(int A, int B)> edges)
    {
        var graph = SparseGraph.Of(nodes, edges);
        var parts = new int[nodes];
        Array.Fill(parts, -1);
        var open = new Stack<int>();
        for (var first = 0; first < nodes; first++)
        {
            if (parts[first] >= 0) continue;
            parts[first] = first;
            open.Push(first);
            while (open.TryPop(out var node))
                foreach (var next in graph.Neighbours(node).Where(n => parts[n] < 0))
                {
                    parts[next] = first;
                    open.Push(next);
                }
        }
        return parts;
    }

    private static double[] Shares(int[] counts) => counts.Sum() is var all && all == 0
        ? [.. counts.Select(_ => 1.0 / counts.Length)]
        : [.. counts.Select(c => (double)c / all)];

    private static int Mod(int value, int nodes) => ((value % nodes) + nodes) % nodes;
}
