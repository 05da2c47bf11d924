using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tasks;

/// <summary>Targets that are numbers, one a sample.</summary>
/// <param name="values">The numbers as a model is to predict them.</param>
/// <param name="unit">What 1 of them stands for in the target's own unit, above 0: the standard deviation where they
/// are standardised.</param>
public sealed class TargetValues(float[] values, double unit = 1) : Targets
{
    /// <inheritdoc/>
    public override int Count => values.Length;

    /// <summary>What 1 stands for in the target's own unit.</summary>
    public double Unit => unit;

    /// <summary>The number of each sample as a model is to predict it.</summary>
    public ReadOnlySpan<float> Values => values;

    /// <inheritdoc/>
    public override Tensor Gather(ReadOnlySpan<int> samples)
    {
        var tensor = empty(samples.Length, ScalarType.Float32);
        var memory = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        for (var i = 0; i < samples.Length; i++) memory[i] = values[samples[i]];
        return tensor;
    }

    /// <inheritdoc/>
    public override float[] ToNumbers(ReadOnlySpan<int> samples)
    {
        var numbers = new float[samples.Length];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = values[samples[i]];
        return numbers;
    }

    /// <inheritdoc/>
    public override Targets OfNumbers(ReadOnlySpan<float> numbers, int outputs)
    {
        foreach (var number in numbers)
            if (!float.IsFinite(number))
                throw new InvalidDataException($"The target {number} was received where a number is expected.");
        return new TargetValues(numbers.ToArray(), unit);
    }
}
