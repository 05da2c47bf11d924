using System.Runtime.InteropServices;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// A vector that comes from another silo: what its first chunk says is checked before memory is taken for it.
/// </summary>
internal sealed class PulledVector
{
    private const int MaxLength = 1 << 29;

    private readonly string _sender;
    private readonly Codec _codec;
    private readonly float[] _values;
    private readonly byte[]? _bytes; // null for float32, whose bytes go where the values are

    private PulledVector(string sender, Codec codec, int length, int bytes)
    {
        (_sender, _codec) = (sender, codec);
        _bytes = codec is SinglePrecision ? null : GC.AllocateUninitializedArray<byte>(bytes);
        _values = FloatPool.Of(length); // every value is filled in before anybody sees it
    }

    /// <summary>Takes memory for a vector.</summary>
    /// <param name="sender">Who sends it, as a sentence begins.</param>
    /// <param name="first">The first chunk.</param>
    /// <param name="codec">The codec that it must have.</param>
    /// <param name="length">Number of its values.</param>
    /// <param name="before">The same vector, if it came before and is to come again: its memory is used.</param>
    /// <exception cref="InvalidDataException">It cannot be such a vector.</exception>
    public static PulledVector Begin(string sender, WeightChunk first, Codec codec, int length, PulledVector? before)
    {
        var most = codec.MaxBytes(length);
        if (length > MaxLength || first.TotalBytes < 0 || first.TotalBytes > most
            || (codec is SinglePrecision && first.TotalBytes != most))
            throw new InvalidDataException($"{sender} offers {first.TotalBytes} bytes where {most} are expected.");
        if (first.Codec != codec.Name)
            throw new InvalidDataException(
                $"{sender} sends bytes of codec '{first.Codec}' where {codec.Name} is expected.");
        return before is not null && (before._bytes is null || before._bytes.Length == first.TotalBytes)
            ? before : new PulledVector(sender, codec, length, (int)first.TotalBytes);
    }

    /// <summary>Takes a chunk.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="offset">Where its bytes begin.</param>
    public void Take(WeightChunk chunk, long offset) =>
        chunk.Bytes.CopyTo(_bytes is null
            ? MemoryMarshal.AsBytes(_values.AsSpan())[(int)offset..]
            : _bytes.AsSpan((int)offset));

    /// <summary>The vector, when all chunks are there.</summary>
    /// <exception cref="InvalidDataException">The codec refuses the bytes; names the sender.</exception>
    public ParameterVector Complete()
    {
        if (_bytes is null) return ParameterVector.Own(_values);
        try
        {
            _codec.Decode(_bytes, _values);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{_sender} sends bytes that codec {_codec.Name} refuses: {e.Message}", e);
        }
        return ParameterVector.Own(_values);
    }
}
