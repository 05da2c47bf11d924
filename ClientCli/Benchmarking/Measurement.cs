namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>What was measured of a job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Values">Its figures; those that do not apply are not there.</param>
internal sealed record Measurement(BenchJob Job, IReadOnlyDictionary<Figure, double> Values)
{
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
