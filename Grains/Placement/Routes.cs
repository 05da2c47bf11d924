using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains.Placement;

/// <summary>How a vector travels from its sender to a receiver.</summary>
public enum Route
{
    /// <summary>Both are on one silo: the receiver takes the published vector itself.</summary>
    ByReference,

    /// <summary>Its bytes come from another silo, chunk by chunk.</summary>
    InChunks,

    /// <summary>Its silo sums it with those of its other senders; the sum comes in chunks.</summary>
    PartialSum,

    /// <summary>
    /// It went into a sum of its lane when it was trained; on the receiver's silo that sum is merged as it is.
    /// </summary>
    RunningSum,

    /// <summary>
    /// Blocks of its values go to each silo that aggregates a share of them; the receiver gets the silos' results.
    /// </summary>
    InBlocks,
}

/// <summary>Senders of one silo whose updates travel together.</summary>
/// <param name="Silo">Name of the silo.</param>
/// <param name="Route">How they travel.</param>
/// <param name="Nodes">The senders, with their weights.</param>
public sealed record RoutedNodes(string Silo, Route Route, IReadOnlyList<(int Node, double Weight)> Nodes);

/// <summary>
/// Decides by which route each update of a row travels: from what the plan says of the exchange, and who sits
/// where. Pure.
/// </summary>
public static class Routes
{
    /// <summary>
    /// Nodes of a silo that are in the first exchange's row, from which on the silo may sum them as they end.
    /// </summary>
    public const int FewestStreaming = 8;

    // a sum has four times the bytes of a vector: fewer are as well kept one by one
    private const int FewestStreamingALane = 4;

    /// <summary>Whether what an exchange gathers may have been summed while it was trained.</summary>
    /// <param name="plan">The run's plan.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public static bool MayStream(Plan plan, int exchange) => exchange == 0 && plan.Protocol.StreamsAggregation;

    /// <summary>Whether a silo sums what its nodes train on the lanes that train them.</summary>
    /// <param name="nodes">Nodes of the silo that the exchange's row has; 0 where it may not.</param>
    /// <param name="lanes">Lanes of the silo.</param>
    public static bool Streams(int nodes, int lanes) =>
        nodes >= FewestStreaming && nodes >= FewestStreamingALane * lanes;

    /// <summary>The route between two nodes that send each other single vectors.</summary>
    /// <param name="sender">Silo of the sender.</param>
    /// <param name="receiver">Silo of the receiver.</param>
    public static Route Between(string sender, string receiver) =>
        string.Equals(sender, receiver, StringComparison.Ordinal) ? Route.ByReference : Route.InChunks;

    /// <summary>Whether the updates of a row are summed on the way.</summary>
    /// <param name="senders">Length of the row.</param>
    /// <param name="aggregatesBySums">Whether silos may sum.</param>
    /// <param name="streaming">Silos that may have summed what their nodes sent as it was trained.</param>
    public static bool Sums(int senders, bool aggregatesBySums, IReadOnlyDictionary<string, int> streaming) =>
        aggregatesBySums && (senders > 1 || streaming.Count > 0);

    /// <summary>Whether silos aggregate the updates of a row block by block, each a share of the blocks.</summary>
    /// <param name="row">The senders, with their weights.</param>
    /// <param name="sight">What the receiver must see of them.</param>
    /// <param name="fewest">Fewest updates that its aggregator takes.</param>
    /// <param name="siloOf">Silo of a node.</param>
    /// <param name="here">Silo of the receiver.</param>
    public static bool Blocks(IReadOnlyList<(int Node, double Weight)> row, Sight sight, int fewest,
        Func<int, string> siloOf, string here) =>
        sight is Sight.CoordinateBlocks or Sight.Distances && row.Count >= Math.Max(2, fewest)
            && row.Any(r => Between(siloOf(r.Node), here) != Route.ByReference);

    /// <summary>The routes of a row whose updates are not aggregated block by block.</summary>
    /// <param name="row">The senders, with their weights.</param>
    /// <param name="aggregatesBySums">Whether silos may sum.</param>
    /// <param name="streaming">Silos that may have summed what their nodes sent as it was trained, by name, with the
    /// number of those nodes.</param>
    /// <param name="siloOf">Silo of a node.</param>
    /// <param name="here">Silo of the receiver.</param>
    /// <returns>Each sender once; one by one, in the row's order, unless silos sum; then silo by silo.</returns>
    public static IReadOnlyList<RoutedNodes> Of(IReadOnlyList<(int Node, double Weight)> row, bool aggregatesBySums,
        IReadOnlyDictionary<string, int> streaming, Func<int, string> siloOf, string here) =>
        !Sums(row.Count, aggregatesBySums, streaming)
            ? [.. row.Select(r => (Silo: siloOf(r.Node), r))
                .Select(s => new RoutedNodes(s.Silo, Between(s.Silo, here), [s.r]))]
            : [.. row.GroupBy(r => siloOf(r.Node), StringComparer.Ordinal)
                .Select(silo => (silo.Key, Nodes: silo.ToArray()))
                .Select(silo => new RoutedNodes(silo.Key,
                    OfSilo(silo.Key, silo.Nodes.Length, streaming.ContainsKey(silo.Key), here), silo.Nodes))];

    private static Route OfSilo(string silo, int nodes, bool streams, string here) =>
        Between(silo, here) == Route.ByReference
            ? streams ? Route.RunningSum : Route.ByReference
            : nodes > 1 || streams ? Route.PartialSum : Route.InChunks;
}
