using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>A random connected graph in which each node has the same number of neighbours.</summary>
/// <param name="options">Degree, when to draw anew, mixing weights.</param>
/// <remarks>
/// Pairing model (Bollobás, European J. Combinatorics 1980): each node gets degree-many stubs, the stubs are paired at
/// random, and pairs that make a loop or a parallel edge are switched with random other pairs until none is left.
/// </remarks>
[Component("random-regular", Summary = "A random connected graph in which each node has the same number of neighbours.",
    Aliases = ["random_regular"],
    Source = "Bollobás, A probabilistic proof of an asymptotic formula for the number of labelled regular graphs, "
        + "European J. Combin. 1980")]
public sealed class RandomRegular(RandomRegular.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="RandomRegular"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Neighbours of each node.</summary>
        [Option("Neighbours of each node; below the number of nodes, and degree × nodes must be even.",
            Min = 1, Max = 10_000)]
        public int Degree { get; init; } = 4;
    }

    /// <inheritdoc/>
    protected override string Purpose => "random-regular";

    /// <inheritdoc/>
    protected override string Remedy => "take a larger degree, or set connected to false";

    /// <inheritdoc/>
    public override string? Refusal(int nodes)
    {
        var degree = options.Degree;
        if (degree >= nodes)
            return $"Degree {degree} needs at least {degree + 1} nodes; there are {nodes}. Nearest that works: "
                + $"degree {LargestDegree(nodes)}.";
        if ((long)degree * nodes % 2 != 0)
            return $"Degree {degree} and {nodes} nodes make {degree * (long)nodes} ends of edges, which is odd. "
                + $"Nearest that works: degree {degree + 1}, or {nodes + 1} nodes.";
        if (degree == 1 && nodes > 2 && options.Connected)
            return $"Degree 1 cannot connect {nodes} nodes. Nearest that works: degree 2, or connected false.";
        return null;
    }

    /// <inheritdoc/>
    protected override Graph? Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        // Dense graphs are drawn as the complement of sparse ones: few pairs can be switched when most edges exist.
        var complement = options.Degree > (nodes - 1) / 2;
        var degree = complement ? nodes - 1 - options.Degree : options.Degree;
        if (Pair(nodes, degree, stream) is not { } edges) return null;
        return complement
            ? Complement(nodes, edges)
            : SparseGraph.Of(nodes, edges.Select(e => ((int)(e >> 32), (int)e)));
    }

    private static int LargestDegree(int nodes) => Math.Max(0, nodes - 1);

    private static HashSet<long>? Pair(int nodes, int degree, RandomStream stream)
    {
        var stubs = new int[nodes * degree];
        for (var i = 0; i < stubs.Length; i++) stubs[i] = i / Math.Max(1, degree);
        stream.Shuffle<int>(stubs);
        var edges = new HashSet<long>();
        var bad = new List<int>();
        for (var p = 0; p < stubs.Length; p += 2)
            if (stubs[p] == stubs[p + 1] || !edges.Add(Key(stubs[p], stubs[p + 1]))) bad.Add(p);
        var tries = 100 * (stubs.Length + 100);
        while (bad.Count > 0)
        {
            if (--tries < 0) return null;
            var p = bad[^1];
            var q = 2 * stream.NextInt(stubs.Length / 2);
            if (bad.Contains(q)) continue;
            var (a, b, c, d) = (stubs[p], stubs[p + 1], stubs[q], stubs[q + 1]);
            if (a == c || b == d || edges.Contains(Key(a, c)) || edges.Contains(Key(b, d)) || Key(a, c) == Key(b, d))
                continue;
            edges.Remove(Key(c, d));
            edges.Add(Key(a, c));
            edges.Add(Key(b, d));
            (stubs[p + 1], stubs[q]) = (c, b);
            bad.RemoveAt(bad.Count - 1);
        }
        return edges;
    }

    private static SparseGraph Complement(int nodes, HashSet<long> edges) =>
        new([.. Enumerable.Range(0, nodes).Select(i =>
            Enumerable.Range(0, nodes).Where(j => j != i && !edges.Contains(Key(i, j))).ToArray())]);

    private static long Key(int a, int b) => a < b ? (long)a << 32 | (uint)b : (long)b << 32 | (uint)a;
}
