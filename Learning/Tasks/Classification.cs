using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Metrics;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tasks;

/// <summary>
/// Each sample is of one class: cross-entropy of one score (logit) a class, and the share of samples whose highest
/// score is right.
/// </summary>
[Component(Classification, Summary = "Each sample is of one class: cross-entropy, accuracy.")]
public sealed class Classification : LearningTask
{
    private const int Correct = 0;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskMetric> Metrics { get; } =
        [new("accuracy", s => s.Samples == 0 ? double.NaN : (double)s[Correct] / s.Samples, LargerIsBetter: true)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sums { get; } = ["correct"];

    /// <inheritdoc/>
    public override bool HasClasses => true;

    /// <inheritdoc/>
    public override bool ScoresRows => true;

    /// <inheritdoc/>
    public override bool Takes(Targets targets) => targets is ClassLabels;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor outputs, Tensor targets, nn.Reduction reduction = nn.Reduction.Mean) =>
        nn.functional.cross_entropy(outputs, targets, reduction: reduction);

    /// <inheritdoc/>
    public override MetricSums Score(
        ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples, double lossSum)
    {
        var (labels, width, correct) = (((ClassLabels)targets).Classes, outputs.Length / samples.Length, 0);
        for (var i = 0; i < samples.Length; i++)
            if (Best(outputs.Slice(i * width, width)) == labels[samples[i]]) correct++;
        return MetricSums.OfBatch(samples.Length, lossSum, correct);
    }

    /// <inheritdoc/>
    public override void Score(
        in OutputRows rows, Targets targets, ReadOnlySpan<int> samples, float scale, ref BatchSums sums)
    {
        var (labels, loss, correct) = (((ClassLabels)targets).Classes, sums.Loss, 0);
        for (var row = 0; row < samples.Length; row++)
        {
            var values = rows.Of(row);
            var label = labels[samples[row]];
            loss += Softmax.Loss(values, label, rows.ErrorsOf(row), scale);
            if (Best(values) == label) correct++;
        }
        sums.Loss = loss;
        sums.Samples += samples.Length;
        sums.Others[Correct] += correct;
    }

    /// <summary>
    /// Index of the first largest score; -1 if none is a number, so that such a sample is never right.
    /// </summary>
    /// <param name="scores">Scores of one sample.</param>
    public static int Best(ReadOnlySpan<float> scores)
    {
        var (best, highest) = (-1, float.NegativeInfinity);
        for (var c = 0; c < scores.Length; c++)
            if (scores[c] > highest) (best, highest) = (c, scores[c]);
        return best;
    }
}
