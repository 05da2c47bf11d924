using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Testing;
using Xunit;
using static Orleans.FL.Grains.Tests.FreePaceRuns;

namespace Orleans.FL.Grains.Tests;

/// <summary>Runs that go by the clock lose silos and get new ones, and give the bits of what they recorded.</summary>
[Slow]
public sealed class FreePaceRecoveryTests
{
    [Theory(Timeout = 120_000)]
    [InlineData("fedasync", "star", 8, 0)] // the server's silo
    [InlineData("{\"name\":\"fedbuff\",\"bufferSize\":3}", "star", 1, 1)]
    [InlineData("swift", "ring", 3, 2)]
    public async Task A_run_whose_silo_is_lost_goes_on_to_the_bits_of_what_it_recorded(
        string algorithm, string topology, int every, int silo)
    {
        await using var cluster = await FederationCluster.Start(silos: 3, lanes: 2);
        var grain = await cluster.Begin(Experiment($"algorithm={algorithm}", $"topology={topology}", "rounds=60",
            $"checkpoints.every={every}"), "lost");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: >= 14 });

        await cluster.Kill(silo);

        var events = await cluster.WatchOn("lost");
        await SameBits(events);
        Assert.NotEmpty(events.OfType<ReseatedEvent>());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_that_was_stopped_is_resumed_and_a_new_silo_takes_its_share()
    {
        await using var cluster = await FederationCluster.Start(silos: 3, lanes: 2);
        var grain = await cluster.Begin(
            Experiment("algorithm=fedasync", "rounds=80", "checkpoints.every=7"), "resumed");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: >= 9 });
        Assert.Equal(RunState.Stopped, (await grain.Stop()).State);
        await grain.Resume();
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: >= 20 });

        await cluster.Add();

        await SameBits(await cluster.WatchOn("resumed"));
    }
}
