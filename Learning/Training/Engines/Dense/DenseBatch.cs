using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense;

/// <summary>
/// One batch on its way through a network, or a part of one that is too large for the network's memory.
/// </summary>
/// <param name="network">The network, whose memory the batch uses.</param>
/// <param name="task">The task.</param>
/// <param name="data">Where the samples are.</param>
/// <param name="wide">Whether to use the registers of AVX-512.</param>
internal unsafe ref struct DenseBatch(DenseNetwork network, LearningTask task, DataPart data, bool wide)
{
    private BatchSums _sums = new(task);
    private ReadOnlySpan<int> _rows;

    /// <summary>The sums over all that was scored.</summary>
    public readonly MetricSums Metrics => _sums.Sums;

    /// <summary>Reads samples and works out their outputs.</summary>
    /// <param name="samples">Indices of the samples, as many as the network has room for.</param>
    public void Forward(ReadOnlySpan<int> samples)
    {
        _rows = samples;
        data.Read(samples, network.Activations(0).Rows(samples.Length), network.Activations(0).Stride);
        for (var l = 0; l < network.Layers; l++)
            ForwardKernel.Run(network.Activations(l), samples.Length, network.Layer(l), network.Activations(l + 1),
                rectify: l < network.Layers - 1, wide);
    }

    /// <summary>Compares the outputs with the targets.</summary>
    /// <param name="scale">Factor of the errors, which are worked out then; null if nobody needs them.</param>
    public void Score(float? scale)
    {
        var (outputs, width) = (network.Activations(network.Layers), network.Layer(network.Layers - 1).Outputs);
        Span<float> errors = scale is null ? [] : network.Errors(network.Layers).Rows(_rows.Length);
        task.Score(new OutputRows(outputs.Rows(_rows.Length), errors, outputs.Stride, width), data.Targets, _rows, scale
            ?? 0, ref _sums);
    }

    /// <summary>Takes the errors of the outputs back, and works out the gradient of all layers on the way.</summary>
    /// <param name="use">Takes the gradient of a layer, whose errors have been taken back by then.</param>
    public readonly void Backward<TLanes, TUse>(TUse use)
        where TLanes : struct, ILanes<TLanes> where TUse : struct, IGradientUse<TLanes>
    {
        var memory = (nint)network.Weights.Pointer;
        for (var l = network.Layers - 1; l > 0; l--)
            BackwardKernel.Run<TLanes, TUse>(network.Errors(l + 1), network.Activations(l), _rows.Length,
                network.Layer(l), memory, network.Errors(l), use, mask: true);
        GradientKernel.Run<TLanes, TUse>(
            network.Errors(1), network.Activations(0), _rows.Length, network.Layer(0), memory, use);
    }
}
