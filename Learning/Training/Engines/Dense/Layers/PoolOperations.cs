using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

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
                for (var column = 0; column < y.Width; column++)
                    Choose(x.At(sample, row * size, column * size), x, y.At(sample, row, column),
                        Chosen(sample, row, column));
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
                for (var column = 0; column < d.Width; column++)
                    Spread(d.At(sample, row, column), Chosen(sample, row, column),
                        e.At(sample, row * size, column * size), e);
        }
        AddErrors(first, count);
    }

    private float* Chosen(int sample, int row, int column) => // reserved before
        _chosen!.Pointer + (((nint)sample * Output.Height + row) * Output.Width + column) * Output.Floats;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Choose(float* x, in Maps maps, float* y, float* chosen)
    {
        for (nint c = 0; c < maps.Channels; c += T.Count)
        {
            var largest = T.Load(x + c);
            T place = default;
            for (var i = 1; i < size * size; i++)
            {
                var value = T.Load(x + i / size * maps.Row + i % size * (nint)maps.Channels + c);
                place = T.Choose(value, largest, T.All(i), place);
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
    private void Spread(float* d, float* chosen, float* e, in Maps maps)
    {
        for (nint c = 0; c < maps.Channels; c += T.Count)
        {
            var (error, place) = (T.Load(d + c), T.Load(chosen + c));
            for (var i = 0; i < size * size; i++)
                T.WhereEqual(error, place, T.All(i)).Store(e + i / size * maps.Row + i % size * (nint)maps.Channels + c);
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
            for (var row = 0; row < d.Height * size; row++)
                for (var column = 0; column < d.Width * size; column++)
                    for (nint c = 0; c < d.Channels; c += T.Count)
                        (T.Load(d.At(sample, row / size, column / size) + c) * T.All(1f / (size * size)))
                            .Store(e.At(sample, row, column) + c);
        }
        AddErrors(first, count);
    }
}
