using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Tests.Aggregators;

/// <summary>Rows of updates for tests.</summary>
internal static class Rows
{
    /// <summary>
    /// Six honest points around (1, 1) and one far away: the row whose answers are worked out for each rule.
    /// </summary>
    public static readonly float[][] Seven = [[1, 0], [0, 1], [1, 1], [2, 1], [1, 2], [2, 2], [10, -10]];

    /// <summary>A row of updates of equal weight.</summary>
    /// <param name="updates">Their values, in order of rank.</param>
    public static ReceivedUpdate[] Of(IEnumerable<float[]> updates) =>
        [.. updates.Select((u, rank) => new ReceivedUpdate(rank, 1, new Update(ParameterVector.Own([.. u]))))];

    /// <summary>A row of random updates.</summary>
    /// <param name="count">How many.</param>
    /// <param name="length">Their length.</param>
    public static float[][] Random(int count, int length) => [.. Enumerable.Range(0, count).Select(rank =>
    {
        var stream = new Seeds(5).Stream("rows", rank);
        return Enumerable.Range(0, length).Select(_ => (float)stream.NextNormal()).ToArray();
    })];

    /// <summary>The aggregate of the weights of a row.</summary>
    public static float[] Aggregate(this Aggregator aggregator, IReadOnlyList<ReceivedUpdate> row) =>
        aggregator.Over(row)(u => u.Weights).Span.ToArray();
}
