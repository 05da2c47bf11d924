using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Learning.Tests.Partitioners;

public sealed class BootstrapTests
{
    [Fact]
    public void Sizes_are_drawn_evenly_from_the_range_and_reach_both_ends()
    {
        // 400 draws from 11 sizes: each is missed with probability (10/11)^400 < 1e-16; the mean of 5 … 15 is 10, its
        // deviation sqrt(10 / 400) = 0.16, five of them 0.8.
        var partition = Split(nodes: 400, new() { MinSamples = 5, MaxSamples = 15 });

        var sizes = partition.Train.Select(indices => indices.Length).ToList();
        Assert.Equal(Enumerable.Range(5, 11), sizes.Distinct().Order());
        Assert.InRange(sizes.Average(), 9.2, 10.8);
    }

    [Fact]
    public void Nodes_may_hold_more_in_all_than_there_is()
    {
        // 20 nodes with 100 of 1,000 samples each are 2,000: some sample is held twice.
        var all = Split(nodes: 20, new() { MinSamples = 100, MaxSamples = 100 }).Train
            .SelectMany(indices => indices).ToList();

        Assert.Equal(2_000, all.Count);
        Assert.InRange(all.Distinct().Count(), 700, 999); // 1,000·(1 - 0.9^20) = 878
    }

    [Fact]
    public void Every_sample_is_as_likely_as_any_other()
    {
        // 2,000 nodes with 100 of 1,000 samples: each sample is held by 200, deviation sqrt(2,000·0.1·0.9) = 13.4;
        // six of them 81.
        var counts = new int[1_000];
        foreach (var index in Split(nodes: 2_000, new() { MinSamples = 100, MaxSamples = 100 }).Train
            .SelectMany(i => i))
            counts[index]++;

        Assert.All(counts, count => Assert.InRange(count, 119, 281));
    }

    [Fact]
    public void Further_nodes_change_nothing_for_those_that_are_there()
    {
        var options = new Bootstrap.Options { MinSamples = 5, MaxSamples = 50 };

        Assert.Equal(Split(nodes: 7, options).Train, Split(nodes: 20, options).Train.Take(7));
    }

    [Fact]
    public void All_samples_can_be_drawn_and_none()
    {
        Assert.All(Split(nodes: 3, new() { MinSamples = 1_000, MaxSamples = 1_000 }).Train,
            indices => Assert.Equal(Enumerable.Range(0, 1_000), indices.Order()));
        Assert.All(Split(nodes: 3, new() { MinSamples = 0, MaxSamples = 0 }).Train, Assert.Empty);
    }

    [Fact]
    public void More_than_there_is_is_refused_with_what_fits()
    {
        var e = Assert.Throws<ExperimentException>(() => Split(nodes: 3, new() { MinSamples = 1, MaxSamples = 1_001 }));

        Assert.Contains("up to 1001 training samples, but there are 1000", e.Message);
    }

    [Fact]
    public void A_range_that_is_upside_down_is_an_error_of_the_file()
    {
        var e = Assert.Throws<ExperimentException>(() => ExperimentReader.Read("""
            { "name": "x", "nodes": 2, "rounds": 1, "algorithm": "fedavg", "topology": "star",
              "dataset": "digits", "model": "mlp",
              "partitioner": { "name": "bootstrap", "minSamples": 9, "maxSamples": 8 } }
            """, []));

        Assert.Equal("$.partitioner.minSamples", Assert.Single(e.Errors).Path);
    }

    private static Partition Split(int nodes, Bootstrap.Options options) =>
        new Bootstrap(options).Split(PartitionerLaws.Request(nodes));
}
