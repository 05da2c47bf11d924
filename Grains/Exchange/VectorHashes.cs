using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// XxHash128 of vectors, each computed once, off the caller's turn; nodes that share a vector share its hash.
/// </summary>
internal sealed class VectorHashes
{
    private readonly ConditionalWeakTable<object, Lazy<Task<UInt128>>> _hashes = [];

    /// <summary>The hash of a vector's little-endian bytes; it lives as long as the vector.</summary>
    /// <param name="vector">The vector.</param>
    public Task<UInt128> Of(ParameterVector vector) =>
        _hashes.GetValue(vector, static v => new Lazy<Task<UInt128>>(() =>
            Task.Run(() => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(((ParameterVector)v).Span))))).Value;

    /// <summary>The hash of the bytes that a codec made.</summary>
    /// <param name="vector">The encoded vector.</param>
    public Task<UInt128> Of(EncodedVector vector) => _hashes.GetValue(vector, static v =>
        new Lazy<Task<UInt128>>(() => Task.Run(() => XxHash128.HashToUInt128(((EncodedVector)v).Bytes.Span)))).Value;
}
