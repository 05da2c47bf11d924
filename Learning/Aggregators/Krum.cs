using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>The update that is nearest to its nearest others; or the mean of several such.</summary>
/// <param name="options">How many attackers, and how many updates.</param>
[Component("krum", Aliases = ["multi-krum"], Summary = "The update with the least sum of squared distances to its n − "
    + "f − 2 nearest others, or the mean of the m least ones; rows need 2f + 3 updates.",
    Source = "Blanchard et al., Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent, NIPS 2017, "
        + "arXiv:1703.02757, Sections 3 and 5")]
public sealed class Krum(Krum.Options options) : DistanceAggregator
{
    /// <summary>Options of krum.</summary>
    public sealed record Options
    {
        /// <summary>Number of attackers in a row.</summary>
        [Option("Number f of attackers that a row may hold; it needs 2f + 3 updates.", Min = 0, Max = 100_000)]
        public int F { get; init; } = 1;

        /// <summary>Number of updates that count.</summary>
        [Option("Number m of updates whose mean is taken: 1 = krum, more = multi-krum; a row needs f + m.",
            Min = 1, Max = 100_000)]
        public int M { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override int Fewest => Math.Max(2 * options.F + 3, options.F + options.M);

    /// <inheritdoc/>
    public override IReadOnlyList<double> Weigh(SquaredDistances distances)
    {
        var all = Enumerable.Range(0, distances.Count);
        var best = all.OrderBy(i =>
            all.Where(j => j != i).Select(j => distances[i, j]).Order().Take(distances.Count - options.F - 2).Sum())
            .Take(options.M).ToHashSet(); // a stable order: of equal scores the lower rank
        return [.. all.Select(i => best.Contains(i) ? 1.0 : 0.0)];
    }
}
