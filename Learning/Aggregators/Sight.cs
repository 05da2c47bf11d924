namespace Orleans.FL.Learning.Aggregators;

/// <summary>What an aggregator must see of the updates of a row.</summary>
/// <remarks>
/// For <see cref="Sums"/> silos sum on the way; for each other sight the updates come whole to their receiver today,
/// which holds all of a row.
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
