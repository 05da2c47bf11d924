using CsCheck;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Codecs;

/// <summary>What every codec of the catalog promises.</summary>
public class CodecLaws
{
    // Magnitudes from the subnormals of float16 to its largest value.
    private static readonly Gen<float[]> Vectors = Gen.Select(Gen.Double[-27, 15.99],
        Gen.Bool, (power, minus) => (float)(minus ? -Math.Pow(2, power) : Math.Pow(2, power))).Array[0, 300];

    public static TheoryData<string> All => [.. Catalog<Codec>.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Decoded_values_are_within_the_stated_error(string name)
    {
        var codec = Catalog<Codec>.Create(name, null);
        Vectors.Sample(values =>
        {
            var decoded = new float[values.Length];
            codec.Decode(Encoded(codec, values), decoded);
            var most = codec.MaxError(values.Select(Math.Abs).DefaultIfEmpty().Max());
            for (var i = 0; i < values.Length; i++) Assert.InRange(Math.Abs((double)values[i] - decoded[i]), 0, most);
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_same_values_give_the_same_bytes_within_the_stated_size(string name)
    {
        var codec = Catalog<Codec>.Create(name, null);
        Vectors.Sample(values =>
        {
            var bytes = Encoded(codec, values);
            Assert.InRange(bytes.Length, 0, codec.MaxBytes(values.Length));
            Assert.Equal(bytes, Encoded(codec, values));
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Values_that_stand_one_after_another_are_decoded_alone_as_with_the_others(string name)
    {
        var codec = Catalog<Codec>.Create(name, null);
        if (codec.ValueBytes is not { } size) return; // its values depend on each other
        Gen.Select(Vectors, Gen.Int[0, 300], Gen.Int[0, 300]).Sample((values, a, b) =>
        {
            var (start, end) = (Math.Min(a, b) % (values.Length + 1), Math.Max(a, b) % (values.Length + 1));
            if (start > end) (start, end) = (end, start);
            var (bytes, all, some) = (Encoded(codec, values), new float[values.Length], new float[end - start]);
            codec.Decode(bytes, all);
            codec.Decode(bytes.AsSpan(start * size, some.Length * size), some);
            Assert.Equal(all[start..end], some);
        });
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_stated_size_grows_with_the_values_and_does_not_overflow(string name)
    {
        var codec = Catalog<Codec>.Create(name, null);
        for (var values = 1; values < 1 << 29; values *= 2)
            Assert.InRange(codec.MaxBytes(2 * values), codec.MaxBytes(values), long.MaxValue);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Hostile_bytes_are_refused_or_give_values_and_take_no_memory(string name)
    {
        const int values = 200;
        var codec = Catalog<Codec>.Create(name, null);
        var draws = new Seeds(7).Stream("hostile");
        var bytes = Encoded(codec, [.. Enumerable.Range(0, values).Select(i => (i - 100) / 7f)]);
        var decoded = new float[values];
        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var hostile = Mutated(bytes, codec.MaxBytes(values), draws);
            Array.Fill(decoded, float.NaN);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                codec.Decode(hostile, decoded);
                if (FiniteValues.FirstOther(decoded) is not null) refused++; // as a receiver does
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        }
        Assert.InRange(refused, 1_000, 9_999);
    }

    private static byte[] Encoded(Codec codec, float[] values)
    {
        var bytes = new byte[codec.MaxBytes(values.Length)];
        return bytes[..codec.Encode(values, bytes, new Seeds(1).Stream("codec"))];
    }

    /// <summary>Some bytes changed, all of them drawn, or another length, up to the stated size.</summary>
    private static byte[] Mutated(byte[] bytes, long most, RandomStream draws)
    {
        var copy = bytes.ToArray();
        switch (draws.NextInt(4))
        {
            case 0:
                for (var n = draws.NextInt(8); n >= 0; n--)
                    copy[draws.NextInt(copy.Length)] ^= (byte)(1 << draws.NextInt(8));
                return copy;
            case 1:
                for (var i = 0; i < copy.Length; i++) copy[i] = (byte)draws.NextInt(256);
                return copy;
            case 2:
                return copy[..draws.NextInt(copy.Length)];
            default:
                return [.. copy[..draws.NextInt(copy.Length)], .. new byte[draws.NextInt((int)most)]];
        }
    }
}
