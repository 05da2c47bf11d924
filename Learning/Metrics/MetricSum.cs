namespace Orleans.FL.Learning.Metrics;

/// <summary>Loss and accuracy over some samples as sums, so that partial results merge in any order to the same bits.</summary>
/// <remarks>A commutative monoid: <see cref="Zero"/> and <c>+</c>. Means are taken only when shown.</remarks>
/// <param name="Samples">Number of samples.</param>
/// <param name="Correct">How many of them the model labelled right.</param>
/// <param name="LossFixed">Sum of the samples' losses in units of 2^-24 nats.</param>
/// <param name="NotFinite">Samples whose loss was infinite or not a number; they are left out of the sum.</param>
public readonly record struct MetricSum(long Samples, long Correct, long LossFixed, long NotFinite)
{
    private const double Unit = 1L << 24;

    /// <summary>The sum over no sample.</summary>
    public static MetricSum Zero => default;

    /// <summary>Mean loss in nats; NaN over no sample or if any loss was not finite.</summary>
    public double Loss => Samples == 0 || NotFinite > 0 ? double.NaN : LossFixed / Unit / Samples;

    /// <summary>Share of right labels, 0 to 1; NaN over no sample.</summary>
    public double Accuracy => Samples == 0 ? double.NaN : (double)Correct / Samples;

    /// <summary>The sum over one batch.</summary>
    /// <param name="samples">Samples in the batch.</param>
    /// <param name="correct">Right labels in the batch.</param>
    /// <param name="lossSum">Sum of the losses in nats.</param>
    public static MetricSum OfBatch(int samples, int correct, double lossSum) =>
        double.IsFinite(lossSum) && Math.Abs(lossSum) < 1e9
            ? new(samples, correct, (long)Math.Round(lossSum * Unit), 0)
            : new(samples, correct, 0, samples);

    /// <summary>The sum over both sets of samples.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static MetricSum operator +(MetricSum a, MetricSum b) => checked(new(
        a.Samples + b.Samples, a.Correct + b.Correct, a.LossFixed + b.LossFixed, a.NotFinite + b.NotFinite));

    /// <summary>The sum over both sets of samples.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static MetricSum Add(MetricSum a, MetricSum b) => a + b;
}
