using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Training.Dense;

/// <summary>Loss and right labels of a batch, added up piece by piece.</summary>
internal sealed class PieceScore
{
    private double _loss;
    private int _correct, _samples;

    /// <summary>The sums.</summary>
    public MetricSum Metrics => MetricSum.OfBatch(_samples, _correct, _loss);

    /// <summary>Adds a sample.</summary>
    /// <param name="scores">Its scores (classes).</param>
    /// <param name="label">Its label, one of the classes.</param>
    /// <param name="errors">Takes the errors of the scores; empty if nobody wants them.</param>
    /// <param name="scale">Factor of the errors.</param>
    public void Add(ReadOnlySpan<float> scores, int label, Span<float> errors = default, float scale = 0)
    {
        _loss += Softmax.Loss(scores, label, errors, scale);
        if (BatchScore.Best(scores) == label) _correct++;
        _samples++;
    }
}
