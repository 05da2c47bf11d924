namespace Orleans.FL.Learning.Aggregators;

/// <summary>
/// What an aggregator must see of the updates of a row; the less it is, the less travels and the less memory it takes.
/// </summary>
public enum Sight
{
    /// <summary>Their weighted sum: silos sum on the way, and what is trained may stream into the sum.</summary>
    Sums,

    /// <summary>All values of a few coordinates at a time (order statistics).</summary>
    CoordinateBlocks,

    /// <summary>How far each is from each other; then the weighted mean of some.</summary>
    Distances,

    /// <summary>All of each.</summary>
    Updates,
}
