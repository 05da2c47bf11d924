using Orleans.FL.Learning.Tasks;
using Xunit;

namespace Orleans.FL.Learning.Tests.Tasks;

public class SoftmaxTests
{
    [Fact]
    public void The_exponential_is_within_one_and_a_tenth_units_in_the_last_place()
    {
        // From 0 down to the least x with a normal result, 1.1 million values.
        var worst = 0.0;
        var values = new float[16];
        for (var from = 0; from < 1_100_000; from += values.Length)
        {
            for (var i = 0; i < values.Length; i++) values[i] = -7.939e-5f * (from + i);
            var exact = values.Select(v => Math.Exp(v)).ToArray();
            Softmax.Exponentials(values, 0);
            for (var i = 0; i < values.Length; i++)
                worst = Math.Max(worst,
                    Math.Abs(values[i] - exact[i]) / (MathF.BitIncrement((float)exact[i]) - (float)exact[i]));
        }

        Assert.InRange(worst, 0.4, 1.1);
    }

    [Fact]
    public void The_exponential_of_zero_is_one_and_of_very_little_nothing()
    {
        float[] values = [0, -87.4f, -1e30f, float.NegativeInfinity, float.NaN, -0.0f, .. new float[10]];

        Softmax.Exponentials(values, 0);

        Assert.Equal([1, 0, 0, 0, float.NaN, 1], values[..6]);
    }

    [Fact]
    public void The_logarithm_is_that_of_the_library_to_rounding()
    {
        for (var x = 1.0; x < 300; x += 0.0137)
            Assert.Equal(Math.Log(x), Softmax.Logarithm(x), Math.Max(1, Math.Log(x)) * 4e-16);
        Assert.Equal(0, Softmax.Logarithm(1));
        Assert.True(double.IsNaN(Softmax.Logarithm(double.NaN)));
    }

    [Fact]
    public void Loss_and_errors_are_what_the_formula_says()
    {
        // Scores ln 1, ln 2, ln 5 less anything: probabilities 1/8, 2/8, 5/8. Label 1: loss ln 4 = 1.386294, errors
        // (1, -6, 5)/8.
        float[] scores = [MathF.Log(1) + 3, MathF.Log(2) + 3, MathF.Log(5) + 3];
        var errors = new float[3];

        var loss = Softmax.Loss(scores, 1, errors, 0.5f);

        Assert.Equal(1.386294, loss, 1e-6);
        Assert.Equal(0.0625f, errors[0], 1e-6);
        Assert.Equal(-0.375f, errors[1], 1e-6);
        Assert.Equal(0.3125f, errors[2], 1e-6);
    }
}
