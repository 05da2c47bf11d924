using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>Nodes come one after the other and prefer those with many neighbours: few servers, many leaves.</summary>
/// <remarks>
/// Begins with a complete graph of m + 1 nodes; each further node gets m different neighbours, chosen with probability
/// proportional to their degree.
/// </remarks>
/// <param name="options">Edges of a new node, when to draw anew, mixing weights.</param>
[Component("barabasi-albert", Summary = "Nodes come one after the other and prefer those with many neighbours.",
    Aliases = ["barabasi_albert", "scale-free"],
    Source = "Barabási, Albert, Emergence of Scaling in Random Networks, Science 1999")]
public sealed class BarabasiAlbert(BarabasiAlbert.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="BarabasiAlbert"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Edges that a new node brings.</summary>
        [Option("Edges that a new node brings (m); below the number of nodes.", Min = 1, Max = 10_000)]
        public int NewEdges { get; init; } = 2;
    }

    /// <inheritdoc/>
    protected override string Purpose => "barabasi-albert";

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => options.NewEdges < nodes ? null
        : $"{options.NewEdges} edges of a new node need at least {options.NewEdges + 1} nodes; there are {nodes}."
            + (nodes > 1 ? $" Nearest that works: newEdges {nodes - 1}." : "");

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        var edges = new List<(int, int)>();
        var ends = new List<int>(); // each node as often as it has neighbours
        for (var i = 0; i < nodes; i++)
        {
            var chosen = new SortedSet<int>();
            if (i <= options.NewEdges) chosen.UnionWith(Enumerable.Range(0, i));
            else while (chosen.Count < options.NewEdges) chosen.Add(ends[stream.NextInt(ends.Count)]);
            foreach (var j in chosen)
            {
                edges.Add((j, i));
                ends.AddRange([j, i]);
            }
        }
        return SparseGraph.Of(nodes, edges);
    }
}
