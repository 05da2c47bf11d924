using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>A convolution.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class ConvolutionOperation<T> : Operation<T> where T : struct, ILanes<T>
{
    // Filters beyond it leave the second-level cache between two samples, so samples pass panel by panel.
    private const int CachedFilters = 64 << 10;
    // Of the samples over which a tile of the gradient sums in one go, as many as stay in that cache.
    private const int CachedMaps = 96 << 10;

    private readonly Convolution _layer;
    private readonly int _filters, _biases;
    private readonly Padded _noBias;
    private readonly TransposedFilters<T>? _transposed;

    /// <summary>A convolution.</summary>
    /// <param name="layer">What it is.</param>
    /// <param name="input">What it takes in.</param>
    /// <param name="output">What it gives.</param>
    /// <param name="filters">Place of the filters among the weights.</param>
    /// <param name="biases">Place of the biases; below 0 for none.</param>
    /// <param name="first">Whether nobody wants the errors of the input.</param>
    public ConvolutionOperation(
        Convolution layer, Value input, Value output, int filters, int biases, bool first) : base(input, output)
    {
        (_layer, _filters, _biases) = (layer, filters, biases);
        _noBias = new Padded(Math.Max(output.Floats, input.Floats));
        input.Frame = Math.Max(input.Frame, layer.Padding);
        input.Kept = true;
        if (first) return;
        _transposed = new TransposedFilters<T>(layer, input, output);
        output.ErrorFrame = _transposed.Frame;
    }

    /// <inheritdoc/>
    public override bool Batchwide => Window * Output.Floats > CachedFilters;

    private int RowLength => _layer.Size * Input.Floats;

    private int Window => _layer.Size * RowLength;

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        var (x, y) = (Input.Maps, Output.Maps);
        ConvolutionKernel.Run<T>(new()
        {
            In = x.At(first, -_layer.Padding, -_layer.Padding),
            InSample = x.Sample,
            InRow = x.Row,
            InGridRow = _layer.Stride * x.Row,
            InStep = _layer.Stride * x.Channels,
            Rows = _layer.Size,
            RowLength = RowLength,
            Out = y.First(first),
            OutSample = y.Sample,
            OutGridRow = y.Row,
            OutStep = y.Channels,
            Height = y.Height,
            Width = y.Width,
            Channels = y.Channels,
            Weights = pass.WeightAt(_filters),
            Bias = _biases < 0 ? _noBias.Pointer : pass.WeightAt(_biases),
        }, count);
    }

    /// <inheritdoc/>
    public override void Prepare(Pass<T> pass) => _transposed?.Take(pass.WeightAt(_filters));

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        var errors = Output.ErrorMaps;
        if (_biases >= 0)
            for (var sample = first; sample < first + count; sample++)
                MapKernel.SumPixels<T>(errors.First(sample), errors, pass.GradientAt(_biases));
        var group = Math.Max(1, CachedMaps / Math.Max(1, Input.Maps.Floats));
        for (var sample = 0; sample < count; sample += group)
            Gradient(first + sample, Math.Min(group, count - sample), errors, pass.GradientAt(_filters));
        if (Target == ErrorTarget.None || _transposed is null) return;
        _transposed.Run(errors, InputErrors(), first, count, _noBias.Pointer);
        AddErrors(first, count);
    }

    private void Gradient(int first, int count, in Maps errors, float* gradient)
    {
        var x = Input.Maps;
        var sweep = new Sweep
        {
            Images = count,
            Rows = errors.Height,
            Columns = errors.Width,
            InImage = x.Sample,
            InRow = _layer.Stride * x.Row,
            InStep = _layer.Stride * x.Channels,
            OutImage = errors.Sample,
            OutRow = errors.Row,
            OutStep = errors.Channels,
        };
        for (var channel = 0; channel < errors.Channels;)
        {
            var width = FilterPanels.WidthOf<T>(errors.Channels - channel);
            var sums = gradient + (nint)channel * Window;
            for (var row = 0; row < _layer.Size; row++, sums += (nint)RowLength * width)
                GradientTiles.Run<T>(sweep, width > T.Count, RowLength,
                    x.At(first, row - _layer.Padding, -_layer.Padding), errors.First(first) + channel, sums);
            channel += width;
        }
    }
}
