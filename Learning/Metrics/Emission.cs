namespace Orleans.FL.Learning.Metrics;

/// <summary>A value that a station emitted at a node.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Value">The value.</param>
/// <param name="Weight">Its weight in a mean.</param>
/// <param name="Exchange">
/// The exchange for which the node was composing an update; <see cref="Done"/> for what it did once.
/// </param>
/// <param name="Place">Place among the values that were emitted while it composed, from 0.</param>
public readonly record struct Emission(
    string Metric, double Value, double Weight, int Exchange = Emission.Done, int Place = 0)
{
    /// <summary>Marks what was emitted by a step that is done once.</summary>
    public const int Done = -1;
}
