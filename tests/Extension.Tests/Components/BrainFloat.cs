using System.Buffers.Binary;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Extension.Tests.Components;

/// <summary>The upper half of a float32, cut off: two bytes a value.</summary>
[Component("own-bfloat16", Summary = "Two bytes a value: the upper half of its float32.")]
public sealed class BrainFloat : Codec
{
    /// <inheritdoc/>
    public override long MaxBytes(int values) => 2L * values;

    /// <inheritdoc/>
    public override double MaxError(double largest) => largest / 128;

    /// <inheritdoc/>
    public override int Encode(ReadOnlySpan<float> values, Span<byte> bytes, RandomStream draws)
    {
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(
                bytes[(2 * i)..], (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16));
        return 2 * values.Length;
    }

    /// <inheritdoc/>
    public override void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length != 2 * values.Length) throw new InvalidDataException("Two bytes a value are expected.");
        for (var i = 0; i < values.Length; i++)
            values[i] = BitConverter.UInt32BitsToSingle(
                (uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
    }
}
