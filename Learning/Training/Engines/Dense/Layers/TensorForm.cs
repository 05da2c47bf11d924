using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>How a tensor of a vector lies in the engine's memory.</summary>
internal abstract unsafe class TensorForm
{
    /// <summary>Floats that it takes, what fills it up included; a multiple of 16.</summary>
    public abstract int Floats { get; }

    /// <summary>Spreads values; what fills the memory up becomes 0.</summary>
    /// <param name="values">The values in state-dict order.</param>
    /// <param name="memory">Where they go.</param>
    public abstract void Spread(ReadOnlySpan<float> values, float* memory);

    /// <summary>Gathers values.</summary>
    /// <param name="memory">Where they are.</param>
    /// <param name="values">Where they go, in state-dict order.</param>
    public abstract void Gather(float* memory, Span<float> values);
}

/// <summary>Rows of numbers, each filled up: linear weights, or a single row.</summary>
/// <param name="rows">Number of rows.</param>
/// <param name="width">Numbers of a row.</param>
internal sealed unsafe class RowsForm(int rows, int width) : TensorForm
{
    private readonly int _stride = Padded.Up(width);

    /// <inheritdoc/>
    public override int Floats => checked(rows * _stride);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Spread(ReadOnlySpan<float> values, float* memory)
    {
        for (var row = 0; row < rows; row++)
        {
            var to = new Span<float>(memory + (nint)row * _stride, _stride);
            values.Slice(row * width, width).CopyTo(to);
            to[width..].Clear();
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Gather(float* memory, Span<float> values)
    {
        for (var row = 0; row < rows; row++)
            new ReadOnlySpan<float>(memory + (nint)row * _stride, width).CopyTo(values[(row * width)..]);
    }
}

/// <summary>Filters in panels: see <see cref="FilterPanels"/>.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="filters">Filters.</param>
/// <param name="channels">Channels that a filter looks at.</param>
/// <param name="size">Height and width of a filter.</param>
/// <param name="filled">Floats of a pixel of the input, the channels filled up.</param>
internal sealed unsafe class FilterForm<T>(int filters, int channels, int size, int filled) : TensorForm
    where T : struct, ILanes<T>
{
    private readonly (int Start, int Step)[] _places =
        FilterPanels.Places<T>(Padded.Up(filters), checked(size * size * filled));

    /// <inheritdoc/>
    public override int Floats => checked(Padded.Up(filters) * size * size * filled);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Spread(ReadOnlySpan<float> values, float* memory)
    {
        if (filters % Padded.Unit != 0 || filled != channels) new Span<float>(memory, Floats).Clear();
        for (var filter = 0; filter < filters; filter++)
        {
            var (start, step) = _places[filter];
            var from = values.Slice(filter * channels * size * size, channels * size * size);
            for (var c = 0; c < channels; c++)
                for (var tap = 0; tap < size * size; tap++)
                    memory[start + (nint)(tap * filled + c) * step] = from[c * size * size + tap];
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Gather(float* memory, Span<float> values)
    {
        for (var filter = 0; filter < filters; filter++)
        {
            var (start, step) = _places[filter];
            var to = values.Slice(filter * channels * size * size, channels * size * size);
            for (var c = 0; c < channels; c++)
                for (var tap = 0; tap < size * size; tap++)
                    to[c * size * size + tap] = memory[start + (nint)(tap * filled + c) * step];
        }
    }
}
