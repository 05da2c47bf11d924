using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Filters;
using Orleans.FL.Learning.Parameters;
using Xunit;

namespace Orleans.FL.Learning.Tests.UpdatePaths;

public class FilterTests
{
    public static TheoryData<string> All => [.. Catalog<UpdateFilter>.All.Select(c => c.Name)];

    // Start (1, 1), sent (4, 5): the change (3, 4) has norm 5; at most 2 of it: (1 + 6/5, 1 + 8/5). The buffer 9 stays,
    // and does not count.
    [Fact]
    public void A_change_that_is_too_long_is_scaled_down() =>
        Assert.Equal([2.2f, 2.6f, 9], new ClipNorm(new ClipNorm.Options { Norm = 2 })
            .Apply(ParameterVector.Own([4, 5, 9]), Contexts.Of([1, 1, 0])).Span.ToArray());

    [Fact]
    public void A_change_that_is_short_enough_stays_the_very_vector()
    {
        var vector = ParameterVector.Own([4, 5, 9]);

        Assert.Same(vector, new ClipNorm(new ClipNorm.Options { Norm = 5 }).Apply(vector, Contexts.Of([1, 1, 0])));
    }

    // 10⁴ values: the mean is within 4·std/100 of 0, the variance within 4·std²·√2/100 of std² = 0.25.
    [Fact]
    public void Noise_has_the_standard_deviation_that_was_asked_for()
    {
        var zeros = new float[10_001];

        var noise = new GaussianNoise(new GaussianNoise.Options { Std = 0.5 })
            .Apply(ParameterVector.Own(zeros), Contexts.Of(zeros)).Span.ToArray();

        Assert.Equal(0, noise[^1]);
        Assert.InRange(noise[..^1].Average(), -0.02, 0.02);
        Assert.InRange(noise[..^1].Average(v => (double)v * v), 0.25 - 0.0142, 0.25 + 0.0142);
    }

    [Fact]
    public void Nodes_rounds_exchanges_and_places_in_the_chain_have_noise_of_their_own()
    {
        var noise = new GaussianNoise(new GaussianNoise.Options());
        var context = Contexts.Of([0, 0]);

        var first = new[] { context, context with { Node = 4 }, context with { Round = 3 },
            context with { Exchange = 1 }, context with { Station = "filters/1" } }
            .Select(c => noise.Apply(ParameterVector.Own([0, 0]), c).Span[0]).ToArray();

        Assert.Equal(5, first.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_filter_keeps_the_shape_and_its_argument_and_says_the_same_twice(string name)
    {
        var (filter, context) = (Catalog<UpdateFilter>.Create(name, null), Contexts.Of(new float[50]));
        var values = Enumerable.Range(0, 50).Select(i => (float)i).ToArray();
        var vector = ParameterVector.Own([.. values]);

        var filtered = filter.Apply(vector, context);

        Assert.Equal(50, filtered.Length);
        Assert.Equal(49, filtered.Span[^1]); // the buffer
        Assert.Equal(values, vector.Span.ToArray());
        Assert.Equal(filtered, filter.Apply(vector, context));
    }
}
