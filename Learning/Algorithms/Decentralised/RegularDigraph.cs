using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>
/// Random directed graphs in which each node has as many successors as predecessors, and all nodes the same number.
/// </summary>
/// <remarks>
/// A sum of random permutations, one a degree. Where one has an arc that is a loop or is there already, its target
/// is swapped with that of a random node. While at most half of the arcs are taken there is always one to swap with;
/// denser graphs are the complement of a sparse one. Nodes are named at random in the end, so that all are alike;
/// graphs of different shapes are not quite equally likely.
/// </remarks>
internal static class RegularDigraph
{
    /// <summary>Draws one.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="degree">Successors of each, from 0 to nodes - 1.</param>
    /// <param name="stream">The randomness.</param>
    /// <returns>For each node its successors, ascending, itself not among them.</returns>
    public static int[][] Draw(int nodes, int degree, RandomStream stream)
    {
        var complement = 2 * degree > nodes - 1;
        var taken = Enumerable.Range(0, nodes).Select(i => new HashSet<int> { i }).ToArray();
        for (var layer = complement ? nodes - 1 - degree : degree; layer > 0; layer--) Add(taken, stream);
        var names = stream.Permutation(nodes);
        var successors = new int[nodes][];
        for (var i = 0; i < nodes; i++)
        {
            var others = complement
                ? Enumerable.Range(0, nodes).Where(j => !taken[i].Contains(j))
                : taken[i].Where(j => j != i);
            successors[names[i]] = [.. others.Select(j => names[j]).Order()];
        }
        return successors;
    }

    private static void Add(HashSet<int>[] taken, RandomStream stream)
    {
        var targets = stream.Permutation(taken.Length);
        for (var i = 0; i < targets.Length; i++)
            if (taken[i].Contains(targets[i])) Swap(taken, targets, i, stream);
        for (var i = 0; i < targets.Length; i++) taken[i].Add(targets[i]);
    }

    /// <summary>Swaps a node's target with that of a random node with which both get arcs that are free.</summary>
    private static void Swap(HashSet<int>[] taken, int[] targets, int node, RandomStream stream)
    {
        int other;
        do other = stream.NextInt(targets.Length);
        while (taken[node].Contains(targets[other]) || taken[other].Contains(targets[node]));
        (targets[node], targets[other]) = (targets[other], targets[node]);
    }
}
