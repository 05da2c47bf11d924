using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tasks;

/// <summary>Targets that are classes.</summary>
/// <param name="labels">The class of each sample, from 0.</param>
public sealed class ClassLabels(int[] labels) : Targets
{
    /// <inheritdoc/>
    public override int Count => labels.Length;

    /// <inheritdoc/>
    public override int[] Classes => labels;

    /// <inheritdoc/>
    public override Tensor Gather(ReadOnlySpan<int> samples)
    {
        var tensor = empty(samples.Length, ScalarType.Int64);
        var memory = MemoryMarshal.Cast<byte, long>(tensor.bytes);
        for (var i = 0; i < samples.Length; i++) memory[i] = labels[samples[i]];
        return tensor;
    }

    /// <inheritdoc/>
    public override float[] ToNumbers(ReadOnlySpan<int> samples)
    {
        var numbers = new float[samples.Length];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = labels[samples[i]];
        return numbers;
    }

    /// <inheritdoc/>
    public override Targets OfNumbers(ReadOnlySpan<float> numbers, int outputs)
    {
        var received = new int[numbers.Length];
        for (var i = 0; i < received.Length; i++)
        {
            if (!(numbers[i] >= 0 && numbers[i] < outputs) || numbers[i] != MathF.Floor(numbers[i]))
                throw new InvalidDataException(
                    $"The label {numbers[i]} was received where one of 0 to {outputs - 1} is expected.");
            received[i] = (int)numbers[i];
        }
        return new ClassLabels(received);
    }
}
