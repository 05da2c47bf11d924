using System.Runtime.InteropServices;
using Orleans.FL.Learning.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training;

/// <summary>Loss and accuracy of one batch.</summary>
internal static class BatchScore
{
    /// <summary>The sums over a batch.</summary>
    /// <param name="logits">Scores (n, classes).</param>
    /// <param name="labels">Labels (n).</param>
    /// <param name="meanLoss">Mean loss of the batch ().</param>
    public static MetricSum Of(Tensor logits, ReadOnlySpan<long> labels, Tensor meanLoss)
    {
        using var here = logits.device_type == DeviceType.CPU ? null : logits.cpu();
        var scores = MemoryMarshal.Cast<byte, float>((here ?? logits).bytes);
        var classes = scores.Length / labels.Length;
        var correct = 0;
        for (var i = 0; i < labels.Length; i++)
            if (Best(scores.Slice(i * classes, classes)) == labels[i]) correct++;
        return MetricSum.OfBatch(labels.Length, correct, (double)meanLoss.item<float>() * labels.Length);
    }

    /// <summary>Index of the first largest score; -1 if none is a number, so that such a sample is never right.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        var (best, highest) = (-1, float.NegativeInfinity);
        for (var c = 0; c < scores.Length; c++)
            if (scores[c] > highest) (best, highest) = (c, scores[c]);
        return best;
    }
}
