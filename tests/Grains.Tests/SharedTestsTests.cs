using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>A model that the server spread is tested once for all silos, each on its share.</summary>
public sealed class SharedTestsTests : IClassFixture<SharedClusters.ManyTestSamples>, IDisposable
{
    // 5,001 test samples are six pieces of at most 1,000; three silos of one lane have two each.
    private static readonly int[][] Shares = [[0, 3], [1, 4], [2, 5]];

    private readonly ConcurrentQueue<TestRequest> _asked = [];
    private readonly FederationCluster _cluster;

    public SharedTestsTests(SharedClusters.ManyTestSamples cluster)
    {
        _cluster = cluster;
        _cluster.Failures.Tested = _asked.Enqueue;
    }

    public void Dispose() => _cluster.Failures.Clear();

    [Fact(Timeout = 60_000)]
    public async Task Silos_test_a_share_each_and_the_sums_have_the_bits_of_one_test()
    {
        var experiment = Toy.Experiment("rounds=2");
        await HasTheSumsOfTheSimulation(experiment);

        // Each of the three silos asks both others, in each of the two rounds.
        Assert.Equal(12, _asked.Count);
        Assert.All(_asked, r => Assert.Contains(r.Pieces, Shares));
        Assert.All(Shares, share => Assert.Equal(4, _asked.Count(r => r.Pieces.SequenceEqual(share))));
    }

    [Fact(Timeout = 60_000)]
    public async Task Tests_that_a_silo_does_not_answer_are_run_by_the_caller()
    {
        _cluster.Failures.Tested = request =>
        {
            _asked.Enqueue(request);
            throw new TimeoutException("The answer was lost on the way.");
        };
        await HasTheSumsOfTheSimulation(Toy.Experiment("rounds=2"));
        Assert.Equal(12, _asked.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task Models_of_their_own_are_tested_where_they_are()
    {
        await HasTheSumsOfTheSimulation(Toy.Experiment("rounds=2", "algorithm=gossip", "topology=ring"));
        Assert.Empty(_asked);
    }

    private async Task HasTheSumsOfTheSimulation(Experiment experiment)
    {
        var data = SharedClusters.ManyTestSamples.Data();
        var expected = await Simulation.Run(experiment, new SimulationOptions(data, 2, TimeProvider.System));
        var rounds = (await _cluster.Finish(experiment)).OfType<RoundEvent>();
        Assert.Equal(expected.Rounds.Select(r => ((double?)r.TestAccuracy.Mean, (double?)r.TestLoss.Mean)),
            rounds.Select(r => (r.TestAccuracy, r.TestLoss)));
    }
}
