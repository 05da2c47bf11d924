using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

public sealed partial class RepresentationSimilarity
{
    private const string Highest = "highest", Lowest = "lowest", Sampling = "sampling", Exponential = "exponential",
        LowerExponential = "lower-exponential", Linear = "linear", LowerLinear = "lower-linear", Top = "top",
        EpsilonGreedy = "epsilon-greedy", AtPlace = "place", Any = "uniform";

    /// <summary>Places of those that are selected, in the order in which they are.</summary>
    private IEnumerable<int> Take(Learner me, double[] similarities, int count)
    {
        var stream = me.Stream("representation/partners");
        var left = Ascending(Array.ConvertAll(similarities, s => options.Selection == Lowest ? s : -s));
        if (options.Selection == Top)
            left = left[..(int)Math.Clamp(
                options.TopSize + Portion.Floor(options.TopGrowth, me.Round), count, left.Count)];
        for (; count > 0; count--)
        {
            var place = options.Selection switch
            {
                Sampling => DrawPlace(stream, [.. left.Select(i => similarities[i])]),
                Exponential => DrawPlace(stream,
                    [.. left.Select(i => Math.Exp((similarities[i] - similarities[left[0]]) / options.Temperature))]),
                LowerExponential => DrawPlace(stream,
                    [.. left.Select(i => Math.Exp((similarities[left[^1]] - similarities[i]) / options.Temperature))]),
                Linear => DrawPlace(stream, [.. left.Select((_, at) => (double)left.Count - at)]),
                LowerLinear => DrawPlace(stream, [.. left.Select((_, at) => at + 1.0)]),
                Top or Any => stream.NextInt(left.Count),
                EpsilonGreedy when stream.NextDouble() < options.Epsilon => stream.NextInt(left.Count),
                AtPlace => Math.Min(options.Place - 1, left.Count - count),
                _ => 0,
            };
            yield return left[place];
            left.RemoveAt(place);
        }
    }
}
