namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>What was measured of a job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Values">Its figures; those that do not apply are not there.</param>
internal sealed record Measurement(BenchJob Job, IReadOnlyDictionary<Figure, double> Values)
{
    /// <summary>What stands beside figures that were taken while other programs used the cores.</summary>
    public const string Mark = "†";

    /// <summary>What the mark means.</summary>
    public const string MarkMeans = $"{Mark} other programs used more than a tenth of a core meanwhile: seconds and "
        + "rates are worse than the machine's, and a target that was not reached says little.";

    private const double Tenth = 0.1;

    /// <summary>Whether other programs used the cores meanwhile, so that seconds and rates say little.</summary>
    public bool Disturbed => this[Figure.OtherCores] > Tenth;

    /// <summary>A figure; NaN if it was not measured.</summary>
    /// <param name="figure">Which.</param>
    public double this[Figure figure] => Values.GetValueOrDefault(figure, double.NaN);

    /// <summary>
    /// The median of each figure over repetitions; of an even number the mean of the two in the middle.
    /// </summary>
    /// <param name="repetitions">Measurements of one job; at least one.</param>
    public static Measurement Median(IReadOnlyList<Measurement> repetitions) =>
        new(repetitions[0].Job, repetitions[0].Values.Keys.ToDictionary(figure => figure,
            figure => Middle([.. repetitions.Select(r => r[figure]).Order()])));

    private static double Middle(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
