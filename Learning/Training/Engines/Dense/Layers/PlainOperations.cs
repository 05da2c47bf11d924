using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>ReLU, in place.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class ReluOperation<T> : Operation<T> where T : struct, ILanes<T>
{
    /// <summary>ReLU of a value.</summary>
    /// <param name="value">The value.</param>
    public ReluOperation(Value value) : base(value, value) => value.Kept = true;

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        var maps = Output.Maps;
        for (var sample = first; sample < first + count; sample++) MapKernel.Rectify<T>(maps.First(sample), maps);
    }

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (Output.Errors is null) return;
        var (maps, errors) = (Output.Maps, Output.ErrorMaps);
        for (var sample = first; sample < first + count; sample++)
            MapKernel.KeepPositive<T>(maps.First(sample), maps, errors.First(sample), errors);
    }
}

/// <summary>The sum of two values, whose errors are those of the sum.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="input">One value.</param>
/// <param name="added">The other.</param>
/// <param name="output">The sum.</param>
internal sealed unsafe class AddOperation<T>(Value input, Value added, Value output) : Operation<T>(input, output)
    where T : struct, ILanes<T>
{
    /// <inheritdoc/>
    public override Value? Added => added;

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        var (a, b, sum) = (Input.Maps, added.Maps, Output.Maps);
        nint length = sum.Width * sum.Channels;
        for (var sample = first; sample < first + count; sample++)
            for (var row = 0; row < sum.Height; row++)
            {
                float* x = a.At(sample, row, 0), y = b.At(sample, row, 0), to = sum.At(sample, row, 0);
                for (nint i = 0; i < length; i += T.Count) (T.Load(x + i) + T.Load(y + i)).Store(to + i);
            }
    }

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (Target == ErrorTarget.None) return;
        var (from, to) = (Output.ErrorMaps, InputErrors());
        for (var sample = first; sample < first + count; sample++)
            for (var row = 0; row < from.Height; row++)
                new ReadOnlySpan<float>(from.At(sample, row, 0), from.Width * from.Channels)
                    .CopyTo(new(to.At(sample, row, 0), to.Width * to.Channels));
        AddErrors(first, count);
    }
}

/// <summary>Maps as a row of values, channel after channel.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="input">The maps.</param>
/// <param name="output">The row.</param>
internal sealed unsafe class FlattenOperation<T>(Value input, Value output) : Operation<T>(input, output)
    where T : struct, ILanes<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(int first, int count, Pass<T> pass)
    {
        var (maps, rows) = (Input.Maps, Output.Maps);
        nint channels = Input.Channels, pixels = maps.Height * maps.Width, step = maps.Channels;
        for (var sample = first; sample < first + count; sample++)
            for (var y = 0; y < maps.Height; y++)
                for (nint c = 0; c < channels; c++)
                {
                    float* from = maps.At(sample, y, 0) + c, to = rows.First(sample) + c * pixels + y * maps.Width;
                    for (nint x = 0; x < maps.Width; x++) to[x] = from[x * step];
                }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (Target == ErrorTarget.None) return;
        var (rows, maps) = (Output.ErrorMaps, InputErrors());
        nint channels = Input.Channels, pixels = maps.Height * maps.Width, step = maps.Channels;
        for (var sample = first; sample < first + count; sample++)
            for (var y = 0; y < maps.Height; y++)
                for (nint c = 0; c < step; c++)
                {
                    float* from = rows.First(sample) + c * pixels + y * maps.Width, to = maps.At(sample, y, 0) + c;
                    for (nint x = 0; x < maps.Width; x++) to[x * step] = c < channels ? from[x] : 0;
                }
        AddErrors(first, count);
    }
}

/// <summary>The mean of each map.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="input">The maps.</param>
/// <param name="output">The means.</param>
internal sealed unsafe class MeanOperation<T>(Value input, Value output) : Operation<T>(input, output)
    where T : struct, ILanes<T>
{
    private readonly float _share = 1f / (input.Height * input.Width);

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        var (maps, means) = (Input.Maps, Output.Maps);
        for (var sample = first; sample < first + count; sample++)
        {
            var to = means.First(sample);
            new Span<float>(to, means.Channels).Clear();
            MapKernel.SumPixels<T>(maps.First(sample), maps, to);
            for (nint c = 0; c < means.Channels; c += T.Count) (T.Load(to + c) * T.All(_share)).Store(to + c);
        }
    }

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (Target == ErrorTarget.None) return;
        var (means, maps) = (Output.ErrorMaps, InputErrors());
        for (var sample = first; sample < first + count; sample++)
        {
            var from = means.First(sample);
            for (var row = 0; row < maps.Height; row++)
                for (var x = 0; x < maps.Width; x++)
                {
                    var to = maps.At(sample, row, x);
                    for (nint c = 0; c < maps.Channels; c += T.Count) (T.Load(from + c) * T.All(_share)).Store(to + c);
                }
        }
        AddErrors(first, count);
    }
}
