using System.Runtime.InteropServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Codecs;

/// <summary>The values as they are, little-endian; vectors travel without being copied.</summary>
[Component("float32", Summary = "The values as they are: four bytes each, nothing is lost.")]
public sealed class SinglePrecision : Codec
{
    /// <summary>
    /// What is always sent as it is goes by this one: models for the record, messages of split sessions, exact vectors.
    /// </summary>
    public static SinglePrecision Instance { get; } = new();

    /// <inheritdoc/>
    public override int? ValueBytes => sizeof(float);

    /// <inheritdoc/>
    public override long MaxBytes(int values) => sizeof(float) * (long)values;

    /// <inheritdoc/>
    public override double MaxError(double largest) => 0;

    /// <inheritdoc/>
    public override int Encode(ReadOnlySpan<float> values, Span<byte> bytes, RandomStream draws)
    {
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        return sizeof(float) * values.Length;
    }

    /// <inheritdoc/>
    public override void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length != MaxBytes(values.Length))
            throw new InvalidDataException($"{bytes.Length} bytes are no {values.Length} values of float32.");
        bytes.CopyTo(MemoryMarshal.AsBytes(values));
    }
}
