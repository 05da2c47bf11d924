using System.Numerics;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Metrics;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tasks;

/// <summary>
/// Each sample has a number: squared error; root mean squared and mean absolute error in the target's own unit, and R².
/// </summary>
/// <remarks>
/// The sums are Σe², Σ|e|, Σy and Σy² in units of 2^-40 with e in the target's own unit, y less a constant (R² does not
/// depend on it), each rounded a sample: they are the same in whatever order and pieces samples come. R² = 1 − Σe² /
/// (Σy² − (Σy)²/n).
/// </remarks>
[Component(Key, Summary = "Each sample has a number: squared error; RMSE and MAE in its own unit, and R².")]
public sealed class Regression : LearningTask
{
    /// <summary>Name of the task in experiment files.</summary>
    public const string Key = "regression";

    private const int Squared = 0, Absolute = 1, Target = 2, TargetSquared = 3;
    private const double Unit = 1L << 40;
    private const double Largest = 1.8446744073709552e19; // 2^64: of sums of 2^22 samples that large, none overflows

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } =
    [
        new("rmse", s => Math.Sqrt(Mean(s, Squared)), LargerIsBetter: false),
        new("mae", s => Mean(s, Absolute), LargerIsBetter: false),
        new("r2", Determination, LargerIsBetter: true),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sums { get; } = ["squared", "absolute", "target", "targetSquared"];

    /// <inheritdoc/>
    public override bool ScoresRows => true;

    /// <inheritdoc/>
    public override bool Takes(Targets targets) => targets is TargetValues;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor outputs, Tensor targets, nn.Reduction reduction = nn.Reduction.Mean) =>
        nn.functional.mse_loss(outputs.squeeze(1), targets, reduction);

    /// <inheritdoc/>
    public override MetricSums Score(
        ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples, double lossSum)
    {
        var (values, sums) = ((TargetValues)targets, new BatchSums(this) { Loss = lossSum, Samples = samples.Length });
        for (var i = 0; i < samples.Length; i++) Add(ref sums, outputs[i], values.Values[samples[i]], values.Unit);
        return sums.Sums;
    }

    /// <inheritdoc/>
    public override void Score(
        in OutputRows rows, Targets targets, ReadOnlySpan<int> samples, float scale, ref BatchSums sums)
    {
        var values = (TargetValues)targets;
        for (var row = 0; row < samples.Length; row++)
        {
            var (output, target) = (rows.Of(row)[0], values.Values[samples[row]]);
            var error = output - target;
            sums.Loss += (double)error * error;
            if (rows.ErrorsOf(row) is [_, ..] errors) errors[0] = 2 * error * scale;
            Add(ref sums, output, target, values.Unit);
        }
        sums.Samples += samples.Length;
    }

    private static void Add(ref BatchSums sums, float output, float target, double unit)
    {
        var (e, y) = (((double)output - target) * unit, target * unit);
        if (!(e * e < Largest && y * y < Largest))
        {
            sums.Loss = double.NaN; // too far off to be summed exactly: it counts as not finite
            return;
        }
        sums.Others[Squared] += Fixed(e * e);
        sums.Others[Absolute] += Fixed(Math.Abs(e));
        sums.Others[Target] += Fixed(y);
        sums.Others[TargetSquared] += Fixed(y * y);
    }

    private static Int128 Fixed(double value) => (Int128)Math.Round(value * Unit);

    private static double Mean(MetricSums sums, int index) =>
        sums.Samples == 0 || sums.NotFinite > 0 ? double.NaN : (double)sums[index] / Unit / sums.Samples;

    /// <summary>R²; NaN where all targets are equal.</summary>
    private static double Determination(MetricSums sums)
    {
        if (sums.Samples == 0 || sums.NotFinite > 0) return double.NaN;
        // n·Σy² − (Σy)² in whole numbers, for it may be a small difference of large ones.
        var spread = (BigInteger)sums.Samples * sums[TargetSquared] * (BigInteger)Unit
            - (BigInteger)sums[Target] * sums[Target];
        var errors = (BigInteger)sums.Samples * sums[Squared] * (BigInteger)Unit;
        return spread <= 0 ? double.NaN : 1 - (double)errors / (double)spread;
    }
}
