using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>
/// The way back through a convolution of stride s: s² convolutions of the errors, each for the pixels of the input
/// that have the same place between two windows.
/// </summary>
/// <remarks>
/// E[y] = Σ D[o]·W[k] over all o and k with o·s + k − p = y. With y + p = q·s + r that is k = r + s·j and o = q − j:
/// a convolution of D with every s-th row of W in reverse, and so in the other direction.
/// </remarks>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class TransposedFilters<T> where T : struct, ILanes<T>
{
    private readonly Convolution _layer;
    private readonly int _in, _out; // floats of a pixel
    private readonly (int Start, int Step)[] _from; // of each filter's weights
    private readonly Phase[] _rows, _columns;
    private readonly Padded _weights;

    /// <summary>The way back through a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it takes in.</param>
    /// <param name="output">What it gives.</param>
    public TransposedFilters(Convolution layer, Value input, Value output)
    {
        (_layer, _in, _out) = (layer, input.Floats, output.Floats);
        _from = FilterPanels.Places<T>(_out, layer.Size * layer.Size * _in);
        (_rows, _columns) = (Phases(input.Height, output.Height), Phases(input.Width, output.Width));
        Frame = _rows.Concat(_columns).Max(p => p.Frame);
        _weights = new Padded(checked(_in * _out * layer.Size * layer.Size));
    }

    /// <summary>Pixels of zeros that the errors need on each side.</summary>
    public int Frame { get; }

    /// <summary>Takes filters over.</summary>
    /// <param name="filters">The layer's filters, in panels.</param>
    public void Take(float* filters)
    {
        var to = _weights.Pointer;
        foreach (var row in _rows)
            foreach (var column in _columns)
                to = Take(filters, row, column, to);
    }

    /// <summary>Works out the errors of the layer's input.</summary>
    /// <param name="errors">Errors of its output, within zeros.</param>
    /// <param name="result">Where they go.</param>
    /// <param name="first">The first sample.</param>
    /// <param name="count">How many.</param>
    /// <param name="zeros">A zero for each float of a pixel.</param>
    public void Run(in Maps errors, in Maps result, int first, int count, float* zeros)
    {
        if (_layer.Stride > _layer.Size)
            for (var sample = first; sample < first + count; sample++) result.Of(sample).Clear();
        var weights = _weights.Pointer;
        foreach (var row in _rows)
            foreach (var column in _columns)
            {
                if (row.Taps * column.Taps * row.Count * column.Count > 0)
                    ConvolutionKernel.Run<T>(Between(errors, result, first, row, column, weights, zeros), count);
                weights += (nint)row.Taps * column.Taps * _in * _out;
            }
    }

    /// <summary>The convolution of the errors for the pixels at one place between two windows.</summary>
    private Correlation Between(
        in Maps errors, in Maps result, int first, Phase row, Phase column, float* weights, float* zeros) => new()
        {
            In = errors.At(first, row.From, column.From),
            InSample = errors.Sample,
            InRow = errors.Row,
            InGridRow = errors.Row,
            InStep = _out,
            Rows = row.Taps,
            RowLength = column.Taps * _out,
            Out = result.At(first, row.First, column.First),
            OutSample = result.Sample,
            OutGridRow = _layer.Stride * result.Row,
            OutStep = _layer.Stride * _in,
            Height = row.Count,
            Width = column.Count,
            Channels = _in,
            Weights = weights,
            Bias = zeros,
        };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float* Take(float* filters, Phase rows, Phase columns, float* to)
    {
        for (var first = 0; first < _in;)
        {
            var width = FilterPanels.WidthOf<T>(_in - first);
            for (var y = rows.Taps - 1; y >= 0; y--)
                for (var x = columns.Taps - 1; x >= 0; x--)
                {
                    var tap = (rows.Residue + _layer.Stride * y) * _layer.Size + columns.Residue + _layer.Stride * x;
                    for (var filter = 0; filter < _out; filter++, to += width)
                    {
                        var (start, step) = _from[filter];
                        var from = filters + start + (nint)(tap * _in + first) * step;
                        for (var c = 0; c < width; c++) to[c] = from[(nint)c * step];
                    }
                }
            first += width;
        }
        return to;
    }

    private Phase[] Phases(int pixels, int windows)
    {
        var (stride, padding) = (_layer.Stride, _layer.Padding);
        return [.. Enumerable.Range(0, stride).Select(residue =>
        {
            var taps = residue < _layer.Size ? (_layer.Size - residue + stride - 1) / stride : 0;
            var first = ((residue - padding) % stride + stride) % stride;
            var count = Math.Max(0, (pixels - first + stride - 1) / stride);
            var from = (first + padding) / stride - (taps - 1);
            var over = from + taps - 1 + count - 1 - (windows - 1);
            var frame = taps * count == 0 ? 0 : Math.Max(0, Math.Max(-from, over));
            return new Phase(residue, taps, first, count, from, frame);
        })];
    }

    /// <summary>The rows, or columns, of the input that have the same place between two windows.</summary>
    /// <param name="Residue">r.</param>
    /// <param name="Taps">Rows of the filter that see them.</param>
    /// <param name="First">The first of them.</param>
    /// <param name="Count">How many there are.</param>
    /// <param name="From">The first row of the errors that the first of them sees; may be below 0.</param>
    /// <param name="Frame">Rows of zeros that the errors need.</param>
    private readonly record struct Phase(int Residue, int Taps, int First, int Count, int From, int Frame);
}
