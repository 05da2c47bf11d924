using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>The largest of each window, with ReLU where one comes before: it keeps the order of values.</summary>
/// <remarks>Of equal values the first one is the largest, as in libtorch; NaN is larger than any number.</remarks>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="input">The maps.</param>
/// <param name="output">The smaller maps.</param>
/// <param name="size">Height and width of the windows.</param>
/// <param name="rectify">Whether results below zero become zero.</param>
internal sealed unsafe class MaxPoolOperation<T>(Value input, Value output, int size, bool rectify)
    : Operation<T>(input, output) where T : struct, ILanes<T>
{
    private Padded? _chosen; // which of each window; below 0 where ReLU lets nothing through

    /// <inheritdoc/>
    public override void Reserve(int rows)
    {
        base.Reserve(rows);
        var floats = checked(rows * Output.Height * Output.Width * Output.Floats);
        if (_chosen is null || _chosen.Length < floats) _chosen = new Padded(floats);
    }

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        var (x, y) = (Input.Maps, Output.Maps);
        for (var sample = first; sample < first + count; sample++)
            for (var row = 0; row < y.Height; row++)
                Choose(x.At(sample, row * size, 0), x.Row, y.At(sample, row, 0), Chosen(sample, row), y.Width,
                    y.Channels);
    }

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (Target == ErrorTarget.None) return;
        var (d, e) = (Output.ErrorMaps, InputErrors());
        for (var sample = first; sample < first + count; sample++)
        {
            if (e.Height % size != 0 || e.Width % size != 0) e.Of(sample).Clear(); // what no window sees
            for (var row = 0; row < d.Height; row++)
                Spread(d.At(sample, row, 0), Chosen(sample, row), e.At(sample, row * size, 0), e.Row, d.Width,
                    d.Channels);
        }
        AddErrors(first, count);
    }

    private float* Chosen(int sample, int row) => // reserved before
        _chosen!.Pointer + ((nint)sample * Output.Height + row) * Output.Width * Output.Floats;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Choose(float* x, nint row, float* y, float* chosen, int pixels, nint channels)
    {
        for (var pixel = 0; pixel < pixels; pixel++, x += size * channels, y += channels, chosen += channels)
            for (nint c = 0; c < channels; c += T.Count)
            {
                var largest = T.Load(x + c);
                T place = default;
                float* window = x + c;
                for (var i = 0; i < size; i++, window += row)
                    for (var j = i == 0 ? 1 : 0; j < size; j++)
                    {
                        var value = T.Load(window + j * channels);
                        place = T.Choose(value, largest, T.All(i * size + j), place);
                        largest = T.Choose(value, largest, value, largest);
                    }
                if (rectify)
                {
                    place = T.Choose(largest, default, place, T.All(-1));
                    largest = T.Choose(largest, default, largest, default);
                }
                largest.Store(y + c);
                place.Store(chosen + c);
            }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Spread(float* d, float* chosen, float* e, nint row, int pixels, nint channels)
    {
        for (var pixel = 0; pixel < pixels; pixel++, d += channels, chosen += channels, e += size * channels)
            for (nint c = 0; c < channels; c += T.Count)
            {
                var error = T.Load(d + c);
                var place = T.Load(chosen + c);
                float* window = e + c;
                for (var i = 0; i < size; i++, window += row)
                    for (var j = 0; j < size; j++)
                        T.WhereEqual(error, place, T.All(i * size + j)).Store(window + j * channels);
            }
    }
}

/// <summary>The mean of each window.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="input">The maps.</param>
/// <param name="output">The smaller maps.</param>
/// <param name="size">Height and width of the windows.</param>
internal sealed unsafe class AveragePoolOperation<T>(Value input, Value output, int size) : Operation<T>(input, output)
    where T : struct, ILanes<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(int first, int count, Pass<T> pass)
    {
        var (x, y) = (Input.Maps, Output.Maps);
        for (var sample = first; sample < first + count; sample++)
            for (var row = 0; row < y.Height; row++)
                for (var column = 0; column < y.Width; column++)
                    for (nint c = 0; c < y.Channels; c += T.Count)
                    {
                        T sum = default;
                        for (var i = 0; i < size * size; i++)
                            sum += T.Load(x.At(sample, row * size + i / size, column * size + i % size) + c);
                        (sum * T.All(1f / (size * size))).Store(y.At(sample, row, column) + c);
                    }
    }

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (Target == ErrorTarget.None) return;
        var (d, e) = (Output.ErrorMaps, InputErrors());
        for (var sample = first; sample < first + count; sample++)
        {
            if (e.Height % size != 0 || e.Width % size != 0) e.Of(sample).Clear(); // what no window sees
            for (var row = 0; row < d.Height * size; row++) // a pixel at a time
                for (var column = 0; column < d.Width * size; column++)
                    for (nint c = 0; c < d.Channels; c += T.Count)
                        (T.Load(d.At(sample, row / size, column / size) + c) * T.All(1f / (size * size)))
                            .Store(e.At(sample, row, column) + c);
        }
        AddErrors(first, count);
    }
}
