namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>
/// Nodes that train, publish, mix with what their neighbours published last, and go on at once, by the clock.
/// </summary>
/// <remarks>
/// A round is made of all that have arrived when the one before is over; they receive from each other, and from others
/// what those published last.
/// </remarks>
/// <param name="nodes">The nodes.</param>
internal sealed class LiveNeighbourSchedule(LiveNodes nodes) : LiveSchedule(nodes.Ranks)
{
    /// <inheritdoc/>
    public override int Needed => 1;

    /// <inheritdoc/>
    protected override int Most => int.MaxValue;

    /// <inheritdoc/>
    protected override IReadOnlyList<int> Next(IReadOnlyList<int> arrived, IReadOnlySet<int> training) => arrived;

    /// <inheritdoc/>
    protected override IReadOnlyList<int> Shown(IReadOnlyList<int> arrived, IReadOnlyList<int> begun) => arrived;
}
