using System.Numerics;
using CsCheck;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

public class ExactSumTests
{
    private static readonly Gen<(float[] Values, double Weight)[]> Terms =
        from length in Gen.Int[1, 40]
        from terms in Gen.Select(Gen.Float[-1000, 1000].Array[length], Gen.Double[0.001, 500]).Array[1, 12]
        select terms;

    [Fact]
    public void Any_order_gives_the_same_bits() => Terms.Sample(terms =>
        Assert.Equal(Sum(terms).Mean(), Sum([.. terms.Reverse()]).Mean()));

    [Fact]
    public void Any_grouping_gives_the_same_bits() => Gen.Select(Terms, Gen.Int[0, 12]).Sample((terms, cut) =>
    {
        var left = Sum(terms[..Math.Min(cut, terms.Length)], terms[0].Values.Length);
        left.Merge(Sum(terms[Math.Min(cut, terms.Length)..], terms[0].Values.Length));
        Assert.Equal(Sum(terms).Mean(), left.Mean());
    });

    [Fact]
    public void One_pass_over_all_vectors_gives_the_same_bits() => Terms.Sample(terms => Assert.Equal(
        Sum(terms).Mean(), ExactSum.WeightedMean([.. terms.Select(t => (ParameterVector.Own(t.Values), t.Weight))])));

    [Fact]
    public void Stretch_after_stretch_gives_the_bits_of_one_value_after_another()
    {
        // 40,003 values are three stretches, the last one short and no multiple of sixteen; nine terms are twice
        // four and one.
        var stream = new Seeds(5).Stream("test");
        (ParameterVector Vector, double Weight)[] terms =
            [.. Enumerable.Range(0, 9).Select(i => (ParameterVector.Own([.. Enumerable.Range(0, 40_003)
                .Select(_ => stream.NextSingle() - 0.5f)]), 1.5 + i))];

        var mean = ExactSum.WeightedMean(terms);

        for (var i = 0; i < mean.Length; i += 7)
        {
            var one = new ExactSum(1);
            foreach (var (vector, weight) in terms) one.Add([vector.Span[i]], weight);
            Assert.Equal(one.Mean().Span[0], mean.Span[i]);
        }
    }

    [Fact]
    public void Whole_numbers_of_samples_give_the_exact_mean_rounded_once() =>
        Gen.Select(Gen.Float[-10, 10].Array[30], Gen.Int[1, 6000].Array[30]).Sample((values, samples) =>
        {
            var sum = new ExactSum(1);
            for (var i = 0; i < 30; i++) sum.Add([values[i]], samples[i]);

            // The same mean as a fraction of big integers: a float is a whole multiple of 2^-149.
            var unit = BigInteger.Pow(2, 149);
            var total = values.Zip(samples, (v, n) => Multiple(v, unit) * n).Aggregate(BigInteger.Add);
            Assert.Equal((float)Ratio(total, unit * samples.Sum()), sum.Mean().Span[0]);
        });

    [Fact]
    public void Equal_vectors_have_themselves_as_mean() =>
        Gen.Select(Gen.Float[-1e6f, 1e6f].Array[17], Gen.Double[0.01, 3].Array[1, 9]).Sample((values, weights) =>
        {
            // Below 2^-38 a float has bits under the grid of 2^-70; those may be rounded.
            var vector = ParameterVector.Own([.. values.Select(v => Math.Abs(v) < 1e-11f ? 0 : v)]);
            Assert.Equal(vector, ExactSum.WeightedMean([.. weights.Select(w => (vector, w))]));
        });

    [Fact]
    public void Twenty_thousand_terms_keep_the_carries()
    {
        var sum = new ExactSum(3);
        for (var i = 0; i < 20_000; i++) sum.Add([0.1f, -3.3333333f, 1e-7f], 1 / 3.0);

        Assert.Equal([0.1f, -3.3333333f, 1e-7f], sum.Mean().Span.ToArray());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(2e9f)]
    public void A_diverged_value_is_refused_with_its_index(float bad)
    {
        var values = Enumerable.Repeat(1f, 21).ToArray();
        values[18] = bad;

        var refusal = Assert.Throws<NotSummableException>(() => new ExactSum(21).Add(values, 1));

        Assert.Contains("index 18", refusal.Message);
    }

    // 21 values are one step of sixteen and a remainder of five; five terms are four at once and one alone.
    public static IEnumerable<object[]> Diverged => from term in Enumerable.Range(0, 5)
                                                    from index in (int[])[0, 7, 8, 15, 16, 20]
                                                    from bad in (float[])[float.NaN, float.NegativeInfinity, 1 << 30,
                                                        -(1 << 30)]
                                                    select new object[] { term, index, bad };

    [Theory]
    [MemberData(nameof(Diverged))]
    public void Wherever_it_is_a_diverged_value_is_refused_with_its_index(int term, int index, float bad)
    {
        var vectors = Enumerable.Range(0, 5).Select(_ => Enumerable.Repeat(1f, 21).ToArray()).ToArray();
        vectors[term][index] = bad;

        var refusal = Assert.Throws<NotSummableException>(() =>
            ExactSum.WeightedMean([.. vectors.Select(v => (ParameterVector.Own(v), 1.0))]));

        Assert.Contains($"index {index} ", refusal.Message);
    }

    [Fact]
    public void The_largest_values_in_range_are_summed()
    {
        var largest = MathF.BitDecrement(1 << 30); // 2^30 - 64
        var vectors = Enumerable.Range(0, 5).Select(_ =>
            ParameterVector.Own([.. Enumerable.Range(0, 21).Select(i => i % 2 == 0 ? largest : -largest)]));

        Assert.Equal(vectors.First(), ExactSum.WeightedMean([.. vectors.Select(v => (v, 1.0))]));
    }

    [Fact]
    public void A_sum_past_its_range_is_refused_not_wrapped()
    {
        var sum = new ExactSum(1);

        Assert.Throws<NotSummableException>(() =>
        {
            for (var i = 0; i < 20_000; i++) sum.Add([1e9f], 1);
            sum.Total();
        });
    }

    private static ExactSum Sum((float[] Values, double Weight)[] terms, int? length = null)
    {
        var sum = new ExactSum(length ?? terms[0].Values.Length);
        foreach (var (values, weight) in terms) sum.Add(values, weight);
        return sum;
    }

    private static BigInteger Multiple(float value, BigInteger unit)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        var exponent = bits >> 23 & 255;
        var mantissa = exponent == 0 ? bits & 0x7FFFFF : bits & 0x7FFFFF | 0x800000;
        var magnitude = (BigInteger)mantissa << Math.Max(0, exponent - 1);
        Assert.True(magnitude <= unit * 1000);
        return bits < 0 ? -magnitude : magnitude;
    }

    private static double Ratio(BigInteger numerator, BigInteger denominator)
    {
        // Scaled so that the quotient has some 60 bits: far more than a float needs.
        var shift = 60 - (int)(BigInteger.Abs(numerator).GetBitLength() - denominator.GetBitLength());
        var quotient = shift >= 0 ? (numerator << shift) / denominator : numerator / (denominator << -shift);
        return Math.ScaleB((double)quotient, -shift);
    }
}
