using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>A small world: a ring of near neighbours some of whose edges lead elsewhere.</summary>
/// <remarks>
/// As in the paper: lap after lap, each edge (i, i + j) keeps its end i and gets another one with the given
/// probability.
/// </remarks>
/// <param name="options">Degree, probability, connectivity, when to draw anew, mixing weights.</param>
[Component("watts-strogatz", Summary = "A small world: a ring of near neighbours some of whose edges lead elsewhere.",
    Aliases = ["watts_strogatz", "small-world"],
    Source = "Watts, Strogatz, Collective dynamics of 'small-world' networks, Nature 1998")]
public sealed class WattsStrogatz(WattsStrogatz.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="WattsStrogatz"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Near neighbours of a node before rewiring.</summary>
        [Option("Near neighbours of a node before rewiring (k), half on each side: "
            + "an even number, below the number of nodes.", Min = 2, Max = 10_000)]
        public int Degree { get; init; } = 4;

        /// <summary>Probability that an edge leads elsewhere.</summary>
        [Option("Probability that an edge leads elsewhere (p); 0 = a ring lattice.", Min = 0, Max = 1)]
        public double Rewire { get; init; } = 0.1;
    }

    /// <inheritdoc/>
    protected override string Purpose => "watts-strogatz";

    /// <inheritdoc/>
    public override string? Refusal(int nodes)
    {
        if (options.Degree % 2 != 0)
            return $"Degree {options.Degree} is odd, but half of the near neighbours are on each side. "
                + $"Nearest that works: degree {options.Degree - 1} or {options.Degree + 1}.";
        if (options.Degree >= nodes)
            return $"Degree {options.Degree} needs at least {options.Degree + 1} nodes; there are {nodes}."
                + (nodes > 2 ? $" Nearest that works: degree {(nodes - 1) / 2 * 2}." : "");
        return null;
    }

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        var edges = new HashSet<(int, int)>();
        var degrees = new int[nodes];
        for (var j = 1; j <= options.Degree / 2; j++)
            for (var i = 0; i < nodes; i++) Add(i, (i + j) % nodes);
        for (var j = 1; j <= options.Degree / 2; j++)
            for (var i = 0; i < nodes; i++)
            {
                if (stream.NextDouble() >= options.Rewire || degrees[i] == nodes - 1) continue;
                int other;
                do other = stream.NextInt(nodes);
                while (other == i || edges.Contains(Key(i, other)));
                var old = (i + j) % nodes;
                if (edges.Remove(Key(i, old))) (degrees[i], degrees[old]) = (degrees[i] - 1, degrees[old] - 1);
                Add(i, other);
            }
        return SparseGraph.Of(nodes, edges);

        void Add(int a, int b)
        {
            if (edges.Add(Key(a, b))) (degrees[a], degrees[b]) = (degrees[a] + 1, degrees[b] + 1);
        }
    }

    private static (int, int) Key(int a, int b) => a < b ? (a, b) : (b, a);
}
