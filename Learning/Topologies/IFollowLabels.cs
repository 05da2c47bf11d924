using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies;

/// <summary>
/// A topology whose graph follows from what the nodes' training samples are labelled, and is the same in all rounds.
/// </summary>
/// <remarks>
/// The plan knows the labels on every silo, so that all draw the same graph, and anew when members change. A node's
/// model is its own and is known to nobody beforehand: no graph can follow from models. Without data there is no graph,
/// so that <see cref="Topology.Draw"/> refuses.
/// </remarks>
public interface IFollowLabels
{
    /// <summary>The graph.</summary>
    /// <param name="labels">For each node, how many of its training samples are of each class, those that it holds out
    /// among them.</param>
    /// <param name="seeds">Decides between those that are equally alike.</param>
    Graph Draw(IReadOnlyList<int[]> labels, Seeds seeds);
}
