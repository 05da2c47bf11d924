using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Foundation;

/// <summary>A share of a number of things is what the decimal says that somebody wrote.</summary>
public class PortionTests
{
    // As doubles: 0.58 · 50 = 28.999999999999996, 0.57 · 100 = 56.99999999999999; 0.07 · 100 = 7.000000000000001,
    // 0.55 · 20 = 11.000000000000002; 0.145 · 100 = 14.499999999999998, whose even neighbour is 14; 1.005 · 100 =
    // 100.49999999999999, 0.575 · 100 = 57.49999999999999: of 57.5 the even neighbour is 58.
    [Theory]
    [InlineData(0.58, 50, 29, 29, 29)]
    [InlineData(0.57, 100, 57, 57, 57)]
    [InlineData(0.07, 100, 7, 7, 7)]
    [InlineData(0.55, 20, 11, 11, 11)]
    [InlineData(0.145, 100, 14, 15, 14)]
    [InlineData(0.575, 100, 57, 58, 58)]
    [InlineData(0.3, 10, 3, 3, 3)]
    [InlineData(0.31, 10, 3, 4, 3)]
    [InlineData(0.9999999999999, 10, 9, 10, 10)] // 13 nines are not one
    [InlineData(1e-300, 10, 0, 1, 0)]
    [InlineData(0, 10, 0, 0, 0)]
    [InlineData(1, 1_000_000_000, 1e9, 1e9, 1e9)]
    public void A_share_is_an_exact_decimal(double share, double count, double down, double up, double nearest)
    {
        Assert.Equal(down, Portion.Floor(share, count));
        Assert.Equal(up, Portion.Ceiling(share, count));
        Assert.Equal(nearest, Portion.Round(share, count));
    }

    // Every fraction of two decimals, of every number up to 200: whole numbers decide.
    [Fact]
    public void Hundredths_of_any_number_are_those_of_whole_numbers()
    {
        for (var hundredths = 0; hundredths <= 100; hundredths++)
            for (var count = 0; count <= 200; count++)
            {
                var share = hundredths / 100.0;
                Assert.Equal(hundredths * count / 100, Portion.Floor(share, count));
                Assert.Equal((hundredths * count + 99) / 100, Portion.Ceiling(share, count));
            }
    }

    // 0.58 of 50 are 29 of each node's samples.
    [Fact]
    public void Validation_holds_out_what_the_decimal_says()
    {
        var experiment = Toy.Experiment("nodes=2", "training.validationFraction=0.58",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":50}");

        Assert.Equal(29, Plan.Of(experiment, Toy.Data().Get(experiment.Dataset)).ValidationIndices(0).Length);
    }
}
