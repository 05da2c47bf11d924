using System.Buffers.Binary;

namespace Orleans.FL.Learning.Parameters;

/// <summary>Reads an encoded sum piece by piece, as it comes over a wire, and merges it into another one.</summary>
/// <remarks>
/// Holds one block at most, whatever the bytes say. If they are wrong, the sum that they go into is unusable.
/// </remarks>
/// <param name="sum">What the encoded sum is merged into; of the same length.</param>
public sealed class ExactSumDecoder(ExactSum sum)
{
    private readonly byte[] _rest =
        new byte[ExactSumCodec.BlockHeaderBytes + ExactSum.BlockValues * ExactSumCodec.MaxWidth];
    private readonly long[] _high = new long[ExactSum.BlockValues];
    private readonly long[] _low = new long[ExactSum.BlockValues];
    private int _kept;
    private int _next = -1; // first value of the next block; -1 before the header

    /// <summary>Number of terms of the encoded sum; 0 before its header has come.</summary>
    public long Terms { get; private set; }

    /// <summary>Sum of the weights of the encoded sum, as integers.</summary>
    internal (long High, long Low) WeightLimbs { get; private set; }

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">Any number of them.</param>
    /// <exception cref="InvalidDataException">They are not an encoded sum of the right length.</exception>
    /// <exception cref="NotSummableException">The merged sum is beyond its range.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_next == sum.Length) throw new InvalidDataException("Bytes follow the last block of an encoded sum.");
            var needed = Needed(_rest.AsSpan(0, _kept), bytes);
            if (_kept == 0 && needed.Known && bytes.Length >= needed.Bytes)
            {
                Take(bytes[..needed.Bytes]);
                bytes = bytes[needed.Bytes..];
                continue;
            }
            var piece = Math.Min(needed.Bytes - _kept, bytes.Length);
            bytes[..piece].CopyTo(_rest.AsSpan(_kept));
            _kept += piece;
            bytes = bytes[piece..];
            if (!needed.Known || _kept < needed.Bytes) continue;
            Take(_rest.AsSpan(0, _kept));
            _kept = 0;
        }
    }

    /// <summary>Checks that all of it has come.</summary>
    /// <exception cref="InvalidDataException">It ends too early.</exception>
    public void Complete()
    {
        if (_next != sum.Length || _kept > 0)
            throw new InvalidDataException(
                $"An encoded sum of {sum.Length} values ends at value {Math.Max(0, _next)}.");
    }

    /// <summary>Whether the encoded sum has exactly these weights.</summary>
    /// <param name="weights">The weights of its terms, in any order.</param>
    public bool Weighs(IReadOnlyCollection<double> weights) =>
        Terms == weights.Count && ExactSum.SumWeights(weights) == WeightLimbs;

    /// <summary>Length of what comes next, as far as its first bytes say.</summary>
    private (int Bytes, bool Known) Needed(ReadOnlySpan<byte> kept, ReadOnlySpan<byte> more)
    {
        if (_next < 0) return (ExactSumCodec.HeaderBytes, true);
        if (kept.Length + more.Length < ExactSumCodec.BlockHeaderBytes) return (ExactSumCodec.BlockHeaderBytes, false);
        var shift = kept.Length > 0 ? kept[0] : more[0];
        var width = kept.Length > 1 ? kept[1] : more[1 - kept.Length];
        if (width > ExactSumCodec.MaxWidth || shift + 8 * width > 127)
            throw new InvalidDataException($"A block of an encoded sum has {width} bytes a value after {shift} bits.");
        return (ExactSumCodec.BlockHeaderBytes + width * Math.Min(ExactSum.BlockValues, sum.Length - _next), true);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (_next < 0) TakeHeader(bytes);
        else TakeBlock(bytes);
    }

    private void TakeHeader(ReadOnlySpan<byte> header)
    {
        if (header[0] != ExactSumCodec.Version)
            throw new InvalidDataException($"An encoded sum has version {header[0]}.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[1..]);
        if (length != sum.Length)
            throw new InvalidDataException($"An encoded sum has {length} values where {sum.Length} are expected.");
        Terms = BinaryPrimitives.ReadInt64LittleEndian(header[5..]);
        var (high, low) = (BinaryPrimitives.ReadInt64LittleEndian(header[13..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[21..]));
        if (Terms is < 0 or > int.MaxValue || high is > 1L << 62 or < -(1L << 62) || low is < 0 or >= 1L << 50)
            throw new InvalidDataException($"An encoded sum has {Terms} terms whose weights sum to {high}, {low}.");
        WeightLimbs = (high, low);
        sum.MergeHeader(Terms, high, low);
        _next = 0;
    }

    private void TakeBlock(ReadOnlySpan<byte> bytes)
    {
        var (shift, width) = (bytes[0], bytes[1]);
        var values = bytes[ExactSumCodec.BlockHeaderBytes..];
        var size = Math.Min(ExactSum.BlockValues, sum.Length - _next);
        Span<byte> word = stackalloc byte[16];
        var (unused, at) = (128 - 8 * width, 0);
        for (var i = 0; i < size; i++, at += width)
        {
            Int128 value = 0;
            if (width is > 0 and <= sizeof(long) && at + sizeof(long) <= values.Length)
            {
                var free = 64 - 8 * width;
                value = (Int128)(BinaryPrimitives.ReadInt64LittleEndian(values[at..]) << free >> free);
            }
            else if (width > 0)
            {
                values.Slice(at, width).CopyTo(word);
                value = BinaryPrimitives.ReadInt128LittleEndian(word) << unused >> unused;
            }
            value <<= shift;
            var high = value >> 50;
            if (high > 1L << 62 || high < -(1L << 62))
                throw new InvalidDataException($"Value {_next + i} of an encoded sum is out of range.");
            (_high[i], _low[i]) = ((long)high, (long)(value & ((1L << 50) - 1)));
        }
        sum.MergeBlock(_next, _high.AsSpan(0, size), _low.AsSpan(0, size));
        _next += size;
    }
}
