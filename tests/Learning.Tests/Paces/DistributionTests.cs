using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Clocks;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Paces;

public class DistributionTests
{
    private static readonly Seeds Seeds = new(3);

    [Fact]
    public void Means_and_medians_are_what_the_options_say()
    {
        var stream = Seeds.Stream("test");
        double[] Many(Distribution d) => [.. Enumerable.Range(0, 20_001).Select(_ => d.Draw(0, stream))];

        Assert.Equal(3, Many(new Uniform(new Uniform.Options { Min = 2, Max = 4 })).Average(), 0.05);
        Assert.Equal(5, Many(new Exponential(new Exponential.Options { Mean = 5 })).Average(), 0.2);
        Assert.Equal(7,
            Many(new LogNormal(new LogNormal.Options { Median = 7, Sigma = 0.5 })).Order().ElementAt(10_000), 0.2);
    }

    [Theory]
    [InlineData("node", 1)]
    [InlineData("time", 3)]
    public void It_is_drawn_for_each_node_or_each_time(string per, int numbers)
    {
        var compute = new Uniform(new Uniform.Options { Per = per });
        var clocks = new NodeClocks(compute, compute, compute, new Always(), Seeds);

        Assert.Equal(numbers,
            new[] { clocks.Training(1, 1), clocks.Training(1, 1), clocks.Training(1, 1) }.Distinct().Count());
        Assert.NotEqual(clocks.Training(1, 1), clocks.Training(2, 1));
    }

    // What other nodes do changes nothing of what a node draws.
    [Fact]
    public void Each_node_has_numbers_of_its_own()
    {
        var compute = new Exponential(new Exponential.Options { Per = "time" });
        var (one, other) = (new NodeClocks(compute, compute, compute, new Always(), Seeds),
            new NodeClocks(compute, compute, compute, new Always(), Seeds));
        other.Training(2, 1);

        Assert.Equal(one.Training(1, 1), other.Training(1, 1));
    }

    [Theory]
    [InlineData("compute", "{\"name\":\"constant\",\"value\":0}", "seconds a sample above 0")]
    [InlineData("bandwidth", "{\"name\":\"uniform\",\"min\":0,\"max\":0}", "bytes a second above 0")]
    [InlineData("latency", "{\"name\":\"uniform\",\"min\":3,\"max\":2}", "exchange them")]
    [InlineData("compute", "{\"name\":\"trace\",\"values\":[1,2]}", "There are 2 numbers for 6 nodes")]
    [InlineData("compute", "{\"name\":\"trace\",\"file\":\"x.csv\"}", "was not read")]
    [InlineData("availability", "{\"name\":\"trace\",\"times\":[[6,0,1]]}", "There is no node 6")]
    [InlineData("availability", "{\"name\":\"trace\",\"times\":[[1,3,3]]}", "The entry from 3 to 3 is no time")]
    [InlineData("availability", "{\"name\":\"trace\",\"times\":[[1,3]]}", "An entry is [node, start, end]")]
    [InlineData("availability", "trace", "The trace is empty")]
    public void What_cannot_be_is_refused_with_the_remedy(string key, string value, string says)
    {
        var error = Assert.Single(Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("pace=simulated-time", $"pace.{key}={value}")).Errors);
        Assert.Contains(says, error.Message);
        Assert.StartsWith($"$.pace.{key}", error.Path);
    }
}
