using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Orleans.FL.Learning.Parameters;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

public class ExactSumCodecTests
{
    private static readonly float[] Scales = [0f, 1e-20f, 1e-9f, 1f, 3e6f];

    // Lengths around the ends of a block of 1024 values, magnitudes from the grid of 2^-70 up to the limit.
    private static readonly Gen<(float[] Values, double Weight)[]> Terms =
        from length in Gen.OneOf(Gen.Int[1, 40], Gen.Int[1022, 1026], Gen.Int[2047, 2049])
        from size in Gen.Int[0, Scales.Length - 1]
        from terms in Gen.Select(Gen.Float[-1, 1].Array[length], Gen.Double[0.001, 100]).Array[1, 4]
        select terms.Select(t => (t.Item1.Select(v => v * Scales[size]).ToArray(), t.Item2)).ToArray();

    [Fact]
    public void What_is_decoded_is_what_was_encoded() => Terms.Sample(terms =>
    {
        var sum = Sum(terms);

        var decoded = Decode(Encode(sum), sum.Length);

        Assert.Equal((sum.Terms, sum.Weight), (decoded.Terms, decoded.Weight));
        Assert.Equal(sum.Total(), decoded.Total());
        Assert.Equal(Encode(sum), Encode(decoded)); // all bits, those that a float does not show included
    }, iter: 300);

    [Fact]
    public void Vectors_are_encoded_as_their_sum_is_without_making_it() => Terms.Sample(terms =>
    {
        var output = new ArrayBufferWriter<byte>();

        ExactSumCodec.Encode([.. terms.Select(t => (ParameterVector.Own(t.Values), t.Weight))], output);

        Assert.Equal(Encode(Sum(terms)), output.WrittenSpan.ToArray());
    }, iter: 300);

    [Fact]
    public void Pieces_of_any_length_merge_into_the_same_sum() =>
        Gen.Select(Terms, Gen.Int[1, 5000]).Sample((terms, piece) =>
        {
            var bytes = Encode(Sum(terms));
            var merged = Sum(terms);
            var decoder = new ExactSumDecoder(merged);

            for (var at = 0; at < bytes.Length; at += piece)
                decoder.Add(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            decoder.Complete();

            Assert.True(decoder.Weighs([.. terms.Select(t => t.Weight).Reverse()]));
            var twice = Sum(terms);
            twice.Merge(Sum(terms));
            Assert.Equal(Encode(twice), Encode(merged));
        }, iter: 200);

    [Fact]
    public void One_pass_over_many_vectors_adds_what_one_by_one_does() => Terms.Sample(terms =>
    {
        var sum = new ExactSum(terms[0].Values.Length);

        sum.Add([.. terms.Select(t => (ParameterVector.Own(t.Values), t.Weight))]);

        Assert.Equal(Encode(Sum(terms)), Encode(sum));
    }, iter: 200);

    [Fact]
    public void More_terms_than_fit_between_two_carries_are_added_in_one_pass()
    {
        var vector = ParameterVector.Own([1e5f, -0.1f, 1e-7f]);
        (ParameterVector, double)[] terms = [.. Enumerable.Range(0, 9000).Select(i => (vector, 1 + i / 7.0))];
        var (one, all) = (new ExactSum(3), new ExactSum(3));
        foreach (var (v, weight) in terms) one.Add(v.Span, weight);

        all.Add([(vector, 0.5)]);
        one.Add(vector.Span, 0.5);
        all.Add(terms);

        Assert.Equal(Encode(one), Encode(all));
    }

    [Fact]
    public void A_typical_partial_takes_at_most_nine_bytes_a_value()
    {
        // Weights of a trained network are small and near normal; eight nodes, weighted by their samples.
        var normal = Gen.Double[0, 1].Array[12].Select(u => (float)((u.Sum() - 6) * 0.05)).Array[20_000];
        Gen.Select(normal, Gen.Int[100, 6000]).Array[8].Sample(nodes =>
        {
            var bytes = Encode(Sum([.. nodes.Select(n => (n.Item1, (double)n.Item2))]));
            Assert.InRange(bytes.Length, 1, 9 * 20_000);
        }, iter: 3);
    }

    [Fact]
    public void Bytes_that_are_no_sum_are_refused_without_memory_being_taken_for_them()
    {
        var sum = new ExactSum(1500);
        sum.Add(Enumerable.Range(0, 1500).Select(i => i * 0.37f).ToArray(), 3);
        var good = Encode(sum);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var bytes = good.ToArray();
            bytes[at] = value;
            var refusal = Record.Exception(() => Decode(bytes.AsSpan(0, length), 1500));
            if (length < good.Length) Assert.NotNull(refusal);
            if (refusal is not null)
                Assert.True(refusal is InvalidDataException or NotSummableException, refusal.ToString());
        }, iter: 3000, threads: 1);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3000L * 200_000);
    }

    [Theory]
    [InlineData(0, 2, "version 2")]
    [InlineData(1, 7, "7 values where 3 are expected")]
    [InlineData(12, 255, "terms")]
    [InlineData(29, 126, "bytes a value")]
    [InlineData(30, 16, "16 bytes a value")]
    public void What_is_wrong_is_reported(int at, byte value, string what)
    {
        var sum = new ExactSum(3);
        sum.Add([1f, 2f, 3f], 1);
        var bytes = Encode(sum);
        bytes[at] = value;

        var refusal = Assert.Throws<InvalidDataException>(() => Decode(bytes, 3));

        Assert.Contains(what, refusal.Message);
    }

    [Fact]
    public void A_value_past_the_range_is_refused()
    {
        var bytes = new byte[29 + 2 + 15];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), 1);
        bytes[30] = 15;
        bytes.AsSpan(31, 14).Fill(0xFF);
        bytes[45] = 0x7F;

        Assert.Contains("out of range", Assert.Throws<InvalidDataException>(() => Decode(bytes, 1)).Message);
    }

    private static ExactSum Decode(ReadOnlySpan<byte> bytes, int length)
    {
        var sum = new ExactSum(length);
        var decoder = new ExactSumDecoder(sum);
        decoder.Add(bytes);
        decoder.Complete();
        return sum;
    }

    private static byte[] Encode(ExactSum sum)
    {
        var output = new ArrayBufferWriter<byte>();
        ExactSumCodec.Encode(sum, output);
        return output.WrittenSpan.ToArray();
    }

    private static ExactSum Sum((float[] Values, double Weight)[] terms)
    {
        var sum = new ExactSum(terms[0].Values.Length);
        foreach (var (values, weight) in terms) sum.Add(values, weight);
        return sum;
    }
}
