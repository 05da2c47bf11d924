namespace Orleans.FL.Learning.Aggregators;

/// <summary>What an aggregator must see of the updates of a row.</summary>
/// <remarks>
/// What a server gathers from several silos is summed on the way for <see cref="Sums"/>; for
/// <see cref="CoordinateBlocks"/> and <see cref="Distances"/> the silos share the blocks of values, and nobody holds
/// all of a row. Between peers, and for <see cref="Updates"/>, the updates come whole to their receiver.
/// </remarks>
public enum Sight
{
    /// <summary>Their weighted sum: silos sum on the way, and what is trained may stream into the sum. It is
    /// always the weighted mean that is made: <see cref="Aggregator.Over"/> is not called.</summary>
    Sums,

    /// <summary>All values of a few coordinates at a time (order statistics).</summary>
    CoordinateBlocks,

    /// <summary>How far each is from each other; then the weighted mean of some.</summary>
    Distances,

    /// <summary>All of each.</summary>
    Updates,
}
