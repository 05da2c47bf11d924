using System.Buffers;
using System.Runtime.InteropServices;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>Some bytes of something published: a vector as a codec wrote it, or an encoded sum of vectors.</summary>
/// <remarks>
/// A sent chunk shows the published memory itself, which therefore never changes. A received one owns a pooled buffer:
/// who receives it copies the bytes to their place and disposes it once; they are not to be looked at after that.
/// </remarks>
[Immutable, Alias("fl.weight-chunk")]
public sealed class WeightChunk : IDisposable
{
    /// <summary>
    /// The most bytes that a chunk may carry: 1 MiB. More than that is refused before memory is taken for it.
    /// </summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The most vectors that an update may have.</summary>
    public const int MaxParts = 64;

    /// <summary>The most bytes that a codec's name may have.</summary>
    public const int MaxCodecName = 64;

    private readonly ReadOnlyMemory<float> _values;
    private readonly ReadOnlyMemory<byte> _bytes;
    private byte[]? _rented;

    /// <summary>A chunk that shows values of a published vector.</summary>
    /// <param name="values">The values, at most <see cref="MaxBytes"/> of bytes.</param>
    /// <param name="totalBytes">Length of the whole in bytes.</param>
    /// <param name="parts">Names of the update's vectors, in order; empty but in the first chunk.</param>
    /// <param name="hash">XxHash128 of the whole; null but in the first chunk.</param>
    /// <param name="codec">Name of the vector's codec; null but in the first chunk, and of sums.</param>
    public WeightChunk(
        ReadOnlyMemory<float> values, long totalBytes, string[] parts, UInt128? hash, string? codec = null) =>
        (_values, TotalBytes, Parts, Hash, Codec) = (values, totalBytes, parts, hash, codec);

    /// <summary>A chunk that shows published bytes.</summary>
    /// <param name="bytes">The bytes, at most <see cref="MaxBytes"/>.</param>
    /// <param name="totalBytes">Length of the whole in bytes.</param>
    /// <param name="parts">Names of the update's vectors, in order; empty but in the first chunk.</param>
    /// <param name="hash">XxHash128 of the whole; null but in the first chunk.</param>
    /// <param name="codec">Name of the vector's codec; null but in the first chunk, and of sums.</param>
    public WeightChunk(
        ReadOnlyMemory<byte> bytes, long totalBytes, string[] parts, UInt128? hash, string? codec = null) =>
        (_bytes, TotalBytes, Parts, Hash, Codec) = (bytes, totalBytes, parts, hash, codec);

    private WeightChunk(byte[] rented, int length, long totalBytes, string[] parts, UInt128? hash, string? codec)
        : this(rented.AsMemory(0, length), totalBytes, parts, hash, codec) => _rented = rented;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _values.IsEmpty ? _bytes.Span : MemoryMarshal.AsBytes(_values.Span);

    /// <summary>Length of the whole in bytes.</summary>
    public long TotalBytes { get; }

    /// <summary>Names of the update's vectors, in order; empty but in the first chunk of one.</summary>
    public string[] Parts { get; }

    /// <summary>XxHash128 of the whole, as its publisher computed it; null but in the first chunk.</summary>
    public UInt128? Hash { get; }

    /// <summary>Name of the vector's codec; null but in the first chunk, and of sums.</summary>
    public string? Codec { get; }

    /// <summary>Gives the buffer back; a second time does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } buffer) ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>A chunk whose buffer is from the pool, to be filled by its reader from the wire.</summary>
    internal static WeightChunk Rent(
        int length, long totalBytes, string[] parts, UInt128? hash, string? codec, out Span<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(length);
        buffer = rented.AsSpan(0, length);
        return new WeightChunk(rented, length, totalBytes, parts, hash, codec);
    }
}
