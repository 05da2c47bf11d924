using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>Dropout, in place.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="value">The value.</param>
/// <param name="index">Index among the network's dropout layers.</param>
internal sealed unsafe class DropoutOperation<T>(Value value, int index) : Operation<T>(value, value)
    where T : struct, ILanes<T>
{
    private float[] _factors = []; // of the last batch, sample after sample

    private int Length => Input.Channels * Input.Height * Input.Width;

    /// <inheritdoc/>
    public override void Reserve(int rows)
    {
        if (_factors.Length < rows * Length) _factors = new float[checked(rows * Length)];
    }

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        if (!pass.Training) return;
        for (var sample = first; sample < first + count; sample++)
        {
            (pass.Draws ?? throw new InvalidOperationException("Dropout needs the job's randomness to train."))
                .Draw(index, _factors.AsSpan(sample * Length, Length));
            Multiply(Output.Maps, sample);
        }
    }

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (!pass.Training || Output.Errors is null) return;
        for (var sample = first; sample < first + count; sample++) Multiply(Output.ErrorMaps, sample);
    }

    private void Multiply(in Maps maps, int sample)
    {
        var factors = _factors.AsSpan(sample * Length, Length);
        var pixels = maps.Height * maps.Width;
        for (var y = 0; y < maps.Height; y++)
            for (var x = 0; x < maps.Width; x++)
            {
                var at = maps.At(sample, y, x);
                for (var c = 0; c < Input.Channels; c++) at[c] *= factors[c * pixels + y * maps.Width + x];
            }
    }
}
