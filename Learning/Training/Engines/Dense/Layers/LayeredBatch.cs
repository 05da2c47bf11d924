using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>A batch on its way through a network, in one or several parts.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="network">The network, whose memory the batch uses.</param>
/// <param name="task">The task.</param>
/// <param name="data">Where the samples are.</param>
internal ref struct LayeredBatch<T>(LayeredNetwork<T> network, LearningTask task, DataPart data)
    where T : struct, ILanes<T>
{
    private BatchSums _sums = new(task);

    /// <summary>The sums over all that was scored.</summary>
    public readonly MetricSums Metrics => _sums.Sums;

    /// <summary>Works samples out and compares their outputs with the targets.</summary>
    /// <param name="samples">Which samples; there must be room for them.</param>
    public void Test(ReadOnlySpan<int> samples)
    {
        network.Forward(data, samples);
        Score(samples, null);
    }

    /// <summary>Works samples out, and takes their errors back.</summary>
    /// <param name="samples">Which samples; there must be room for them.</param>
    /// <param name="scale">Factor of the errors.</param>
    public void Train(ReadOnlySpan<int> samples, float scale)
    {
        network.Forward(data, samples);
        Score(samples, scale);
        network.Backward(samples.Length);
    }

    private void Score(ReadOnlySpan<int> samples, float? scale)
    {
        var (scores, count) = (network.Scores, samples.Length);
        Span<float> errors = scale is null ? [] : network.ScoreErrors.Rows(count);
        task.Score(new OutputRows(scores.Rows(count), errors, scores.Stride, network.Outputs), data.Targets, samples,
            scale ?? 0, ref _sums);
    }
}
