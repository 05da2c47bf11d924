using System.Buffers;
using System.Buffers.Binary;

namespace Orleans.FL.Learning.Parameters;

/// <summary>Writes exact sums as bytes, which <see cref="ExactSumDecoder"/> reads back bit for bit.</summary>
/// <remarks>
/// <para>A header (version, length, terms, sum of the weights) and then blocks of 1024 values. A value is one integer,
/// high·2^50 + low. The values of a block leave out the zero bits that they all end with, and use as many bytes as the
/// largest of them needs: two bytes say how many bits and how many bytes. Everything is little-endian.</para>
/// <para>Weights of a network that are summed by whole numbers of samples take some 7 bytes each; in memory 16.</para>
/// </remarks>
public static class ExactSumCodec
{
    /// <summary>Bytes before the first block.</summary>
    internal const int HeaderBytes = 29;

    /// <summary>The most bytes that one value takes.</summary>
    internal const int MaxWidth = 15;

    /// <summary>Bytes before the values of a block: zero bits left out, bytes a value.</summary>
    internal const int BlockHeaderBytes = 2;

    internal const byte Version = 1;

    /// <summary>The most bytes that a sum takes.</summary>
    /// <param name="length">Its number of values.</param>
    public static long MaxBytes(int length) =>
        HeaderBytes + Blocks(length) * (long)BlockHeaderBytes + (long)length * MaxWidth;

    /// <summary>Writes a sum.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="output">Where its bytes go.</param>
    public static void Encode(ExactSum sum, IBufferWriter<byte> output)
    {
        var (high, low) = sum.Carried();
        WriteHeader(output, sum.Length, sum.Terms, sum.WeightLimbs);
        for (var start = 0; start < sum.Length; start += ExactSum.BlockValues)
        {
            var size = Math.Min(ExactSum.BlockValues, sum.Length - start);
            WriteBlock(output, high.Span.Slice(start, size), low.Span.Slice(start, size));
        }
    }

    /// <summary>Writes the sum of some vectors without ever holding it: one block is in memory at a time.</summary>
    /// <param name="terms">Vectors of one length and their weights; at least one.</param>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NotSummableException">A weight or a product is not finite or not below 2^30 in
    /// magnitude.</exception>
    public static void Encode(IReadOnlyList<(ParameterVector Vector, double Weight)> terms, IBufferWriter<byte> output,
        CancellationToken cancellation = default)
    {
        var length = terms[0].Vector.Length;
        foreach (var (vector, _) in terms)
            if (vector.Length != length)
                throw new ArgumentException($"Vectors of {length} and {vector.Length} values have no sum.");
        WriteHeader(output, length, terms.Count, ExactSum.SumWeights(terms.Select(t => t.Weight)));
        var high = new long[ExactSum.BlockValues];
        var low = new long[ExactSum.BlockValues];
        for (var start = 0; start < length; start += ExactSum.BlockValues)
        {
            cancellation.ThrowIfCancellationRequested();
            var size = Math.Min(ExactSum.BlockValues, length - start);
            ExactSum.SumBlock(terms, start, high.AsSpan(0, size), low.AsSpan(0, size));
            WriteBlock(output, high.AsSpan(0, size), low.AsSpan(0, size));
        }
    }

    internal static int Blocks(int length) => (length + ExactSum.BlockValues - 1) / ExactSum.BlockValues;

    private static void WriteHeader(IBufferWriter<byte> output, int length, long terms, (long High, long Low) weight)
    {
        var header = output.GetSpan(HeaderBytes);
        header[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], length);
        BinaryPrimitives.WriteInt64LittleEndian(header[5..], terms);
        BinaryPrimitives.WriteInt64LittleEndian(header[13..], weight.High);
        BinaryPrimitives.WriteInt64LittleEndian(header[21..], weight.Low);
        output.Advance(HeaderBytes);
    }

    private static void WriteBlock(IBufferWriter<byte> output, ReadOnlySpan<long> high, ReadOnlySpan<long> low)
    {
        // Two's complement: the or of all values ends with the zeros that they have in common, and the or of each value
        // with its sign taken out begins where the largest magnitude does.
        UInt128 used = 0, magnitude = 0;
        for (var i = 0; i < high.Length; i++)
        {
            var value = ((Int128)high[i] << 50) + low[i];
            used |= (UInt128)value;
            magnitude |= (UInt128)(value ^ (value >> 127));
        }
        var shift = used == 0 ? 0 : (int)UInt128.TrailingZeroCount(used);
        var bits = used == 0 ? 0 : 129 - (int)UInt128.LeadingZeroCount(magnitude) - shift; // one for the sign
        var width = (Math.Max(bits, used == 0 ? 0 : 1) + 7) / 8;
        var bytes = BlockHeaderBytes + high.Length * width;
        // room for whole words: the next value overwrites the rest
        var target = output.GetSpan(bytes + sizeof(ulong) * 2);
        target[0] = (byte)shift;
        target[1] = (byte)width;
        var at = BlockHeaderBytes;
        if (width <= sizeof(long))
        {
            for (var i = 0; i < high.Length; i++, at += width)
                BinaryPrimitives.WriteInt64LittleEndian(target[at..],
                    (long)((((Int128)high[i] << 50) + low[i]) >> shift));
        }
        else
        {
            for (var i = 0; i < high.Length; i++, at += width)
                BinaryPrimitives.WriteInt128LittleEndian(target[at..], (((Int128)high[i] << 50) + low[i]) >> shift);
        }
        output.Advance(bytes);
    }
}
