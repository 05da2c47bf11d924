using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>
/// How far two models are apart: by their weights, or by what they say of the same samples. 0 for equal models.
/// </summary>
public static class ModelDistance
{
    /// <summary>The sum over the tensors of the Euclidean norm of their difference.</summary>
    /// <param name="x">One model.</param>
    /// <param name="y">The other.</param>
    /// <param name="layout">Their layout.</param>
    public static double ByTensor(ParameterVector x, ParameterVector y, ParameterLayout layout) =>
        layout.Slices.Sum(s => Euclidean(x.Span.Slice(s.Offset, s.Length), y.Span.Slice(s.Offset, s.Length)));

    /// <summary>The Euclidean norm of the difference of the trainable values.</summary>
    /// <param name="x">One model.</param>
    /// <param name="y">The other.</param>
    /// <param name="layout">Their layout.</param>
    public static double Euclidean(ParameterVector x, ParameterVector y, ParameterLayout layout) =>
        Euclidean(x.Span[..layout.TrainableLength], y.Span[..layout.TrainableLength]);

    /// <summary>The Euclidean norm of the difference of two vectors.</summary>
    /// <param name="x">One vector.</param>
    /// <param name="y">Another of the same length.</param>
    public static double Euclidean(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++) sum += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
        return Math.Sqrt(sum);
    }

    /// <summary>The cosine of the angle between the trainable values; 0 if one of the vectors is 0.</summary>
    /// <param name="x">One model.</param>
    /// <param name="y">The other.</param>
    /// <param name="layout">Their layout.</param>
    public static double Cosine(ParameterVector x, ParameterVector y, ParameterLayout layout)
    {
        double xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < layout.TrainableLength; i++)
        {
            xy += (double)x.Span[i] * y.Span[i];
            xx += (double)x.Span[i] * x.Span[i];
            yy += (double)y.Span[i] * y.Span[i];
        }
        return xx == 0 || yy == 0 ? 0 : Math.Clamp(xy / Math.Sqrt(xx) / Math.Sqrt(yy), -1, 1);
    }

    /// <summary>The mean over samples of KL(softmax(x) ‖ softmax(y)).</summary>
    /// <param name="x">Scores (logits) of one model, sample after sample.</param>
    /// <param name="y">Scores of the other on the same samples.</param>
    /// <param name="classes">Number of classes.</param>
    public static double KullbackLeibler(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int classes)
    {
        var sum = 0.0;
        for (var at = 0; at < x.Length; at += classes)
        {
            var (p, q) = (LogSoftmax(x.Slice(at, classes)), LogSoftmax(y.Slice(at, classes)));
            for (var c = 0; c < classes; c++) sum += Math.Exp(p[c]) * (p[c] - q[c]);
        }
        return x.Length == 0 ? 0 : sum / (x.Length / classes);
    }

    /// <summary>Logarithms of the shares that softmax gives.</summary>
    /// <param name="scores">Scores of one sample.</param>
    public static double[] LogSoftmax(ReadOnlySpan<float> scores)
    {
        var largest = double.NegativeInfinity;
        foreach (var score in scores) largest = Math.Max(largest, score);
        var sum = 0.0;
        foreach (var score in scores) sum += Math.Exp(score - largest);
        var logs = new double[scores.Length];
        for (var i = 0; i < logs.Length; i++) logs[i] = scores[i] - largest - Math.Log(sum);
        return logs;
    }
}
