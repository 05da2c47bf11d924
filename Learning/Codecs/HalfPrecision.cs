using System.Runtime.InteropServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Codecs;

/// <summary>IEEE 754 binary16, little-endian.</summary>
/// <remarks>
/// Rounds to the nearest, ties to even: relative error at most 2⁻¹¹ from 2⁻¹⁴ to 65,504, absolute error at most 2⁻²⁵
/// below that. From 65,520 on a value would become infinite; its sender is refused then, for a model that is cut off
/// silently is worse than an absent node.
/// </remarks>
[Component("float16",
    Summary = "Half precision: two bytes a value, rounded to the nearest; values of 65,520 and more are refused.",
    Source = "IEEE 754-2019, binary16", Aliases = ["fp16"])]
public sealed class HalfPrecision : Codec
{
    /// <inheritdoc/>
    public override int? ValueBytes => sizeof(ushort);

    /// <inheritdoc/>
    public override long MaxBytes(int values) => sizeof(ushort) * (long)values;

    /// <inheritdoc/>
    public override double MaxError(double largest) => Math.Max(Math.ScaleB(largest, -11), Math.ScaleB(1, -25));

    /// <inheritdoc/>
    public override int Encode(ReadOnlySpan<float> values, Span<byte> bytes, RandomStream draws)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(bytes);
        for (var i = 0; i < values.Length; i++) halves[i] = (Half)values[i];
        return (int)MaxBytes(values.Length);
    }

    /// <inheritdoc/>
    public override void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length != MaxBytes(values.Length))
            throw new InvalidDataException($"{bytes.Length} bytes are no {values.Length} values of float16.");
        var halves = MemoryMarshal.Cast<byte, Half>(bytes);
        for (var i = 0; i < values.Length; i++) values[i] = (float)halves[i];
    }
}
