using System.Runtime.InteropServices;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines;

/// <summary>Loss and metrics of one batch of libtorch.</summary>
internal static class BatchScore
{
    /// <summary>The sums over a batch.</summary>
    /// <param name="task">The task.</param>
    /// <param name="outputs">Outputs (n, outputs) in float32, on any device.</param>
    /// <param name="targets">Where the targets are.</param>
    /// <param name="samples">Which they are, n indices.</param>
    /// <param name="meanLoss">Mean loss of the batch ().</param>
    public static MetricSums Of(
        LearningTask task, Tensor outputs, Targets targets, ReadOnlySpan<int> samples, Tensor meanLoss)
    {
        using var here = outputs.device_type == DeviceType.CPU ? null : outputs.cpu();
        var values = MemoryMarshal.Cast<byte, float>((here ?? outputs).bytes);
        return task.Score(values, targets, samples, (double)meanLoss.item<float>() * samples.Length);
    }
}
