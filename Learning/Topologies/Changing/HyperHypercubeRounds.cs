namespace Orleans.FL.Learning.Topologies.Changing;

/// <summary>The rounds of a hyper-hypercube over some nodes: Algorithm 1 of Takezawa et al. 2023.</summary>
internal static class HyperHypercubeRounds
{
    /// <summary>
    /// The number as a product of factors of at most degree + 1, ascending; empty for 1, null if a prime
    /// factor is larger.
    /// </summary>
    /// <param name="number">At least 1.</param>
    /// <param name="degree">Most neighbours of a node, at least 1.</param>
    public static int[]? Factors(int number, int degree)
    {
        var factors = new List<int>();
        for (var f = (int)Math.Min(degree + 1L, number); f > 1; f--)
            while (number % f == 0)
            {
                factors.Add(f);
                number /= f;
            }
        factors.Sort();
        return number == 1 ? [.. factors] : null;
    }

    /// <summary>The edges of each round over some nodes; empty for a single one.</summary>
    /// <param name="nodes">The nodes; their number has no prime factor above degree + 1.</param>
    /// <param name="degree">Most neighbours of a node, at least 1.</param>
    public static List<List<WeightedEdge>> Of(IReadOnlyList<int> nodes, int degree)
    {
        var rounds = new List<List<WeightedEdge>>();
        var stride = 1;
        foreach (var size in Factors(nodes.Count, degree)
            ?? throw new ArgumentException($"{nodes.Count} nodes have no hyper-hypercube of degree {degree}."))
        {
            var round = new List<WeightedEdge>();
            for (var i = 0; i < nodes.Count; i++)
                for (var d = i / stride % size + 1; d < size; d++)
                    round.Add(new(nodes[i], nodes[i + (d - i / stride % size) * stride], 1.0 / size));
            rounds.Add(round);
            stride *= size;
        }
        return rounds;
    }
}

/// <summary>Two nodes that receive from each other in a round.</summary>
/// <param name="A">The one.</param>
/// <param name="B">The other.</param>
/// <param name="Weight">Weight of each for the other.</param>
internal readonly record struct WeightedEdge(int A, int B, double Weight);
