using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Times;

/// <summary>The times that runs report and record.</summary>
public sealed class RunTimesTests(SharedClusters.TwoSilosTwoLanes cluster)
    : IClassFixture<SharedClusters.TwoSilosTwoLanes>, IDisposable
{
    private const double Rounding = 1e-4; // of a few numbers with six digits

    public void Dispose() => cluster.Failures.Clear();

    [Fact(Timeout = 60_000)]
    public async Task Phases_and_lanes_cover_the_rounds_and_no_more()
    {
        var began = TimeProvider.System.GetTimestamp();
        var events = await cluster.Finish(Toy.Experiment("algorithm=gossip", "topology=ring"), "covered");
        var wall = TimeProvider.System.GetElapsedTime(began).TotalSeconds;

        var folder = RunFolderReader.Open(cluster.Runs, "covered");
        var (phases, lanes) = (folder.Phases(), folder.Lanes());
        Assert.All(phases, p => Assert.True(p.Seconds > 0));
        Assert.InRange(phases.Sum(p => p.Seconds), 0, wall + Rounding);
        foreach (var round in events.OfType<RoundEvent>())
        {
            var own = phases.Where(p => p.Round == round.Round).ToList();
            Assert.Superset(new HashSet<string> { "train", "exchange 1", "test", "record" },
                own.Select(p => p.Phase).ToHashSet());
            // From its start to the report of a round it trains, exchanges and tests.
            Assert.InRange(own.Where(p => p.Phase is "train" or "exchange 1" or "test").Sum(p => p.Seconds), 0,
                round.Seconds + Rounding);
            Assert.Equal(["silo-0", "silo-1"],
                lanes.Where(l => l.Round == round.Round).Select(l => $"silo-{l.Silo[^1]}").Distinct().Order());
        }
        Assert.All(lanes,
            l => Assert.InRange(l.Train + l.Combine + l.Evaluate + l.Other, 0, (l.Lanes * l.Seconds) + Rounding));
        Assert.All(lanes, l => Assert.True(l is { Lanes: 2, Seconds: > 0, Other: < Rounding }));
        Assert.True(lanes.Sum(l => l.Train) > 0);
        Assert.InRange(events.OfType<RoundEvent>().Sum(r => r.Work!.LaneSeconds), 0,
            lanes.Sum(l => l.Train) + Rounding);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_event_of_a_round_says_what_it_did()
    {
        var round = (await cluster.Finish(Toy.Experiment("rounds=1"), "work")).OfType<RoundEvent>().Single();

        var work = round.Work!;
        Assert.Equal(6, work.Clients);
        // 15 samples a node, a fifth of them held out for validation.
        Assert.Equal(6 * 12, work.Samples);
        // mlp 16-8-3: forward 128 + 24 products, as many for the gradients of the weights, 24 for that of the second
        // layer's input; 2 operations each.
        Assert.Equal(72 * 2.0 * (152 + 152 + 24), work.Operations);
        Assert.Equal(4, work.Lanes);
        Assert.Equal(["train", "exchange 1", "exchange 2", "test"],
            work.Phases.Select(p => p.Phase).Intersect(["train", "exchange 1", "exchange 2", "test"]));
        Assert.Equivalent(work, Assert.IsType<RoundEvent>(RunEvent.FromJson(round.ToJson())).Work);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_round_that_is_given_up_has_its_time_recorded_too()
    {
        var failures = 0;
        cluster.Failures.Add("again/3", nameof(INodeGrain.Evaluate), () =>
            Interlocked.Increment(ref failures) == 1
                ? throw new Runtime.SiloUnavailableException("gone")
                : Task.CompletedTask);

        var events = await cluster.Finish(Toy.Experiment("rounds=2"), "again");

        Assert.IsType<FinishedEvent>(events[^1]);
        var trained = RunFolderReader.Open(cluster.Runs, "again").Phases().Where(p => p.Phase == "train")
            .Select(p => p.Round);
        Assert.Equal([1, 1, 2], trained);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_silo_that_coordinates_counts_rounds_and_phases()
    {
        using var received = new ReceivedMeasurements(cluster.Services(0).GetRequiredService<IMeterFactory>());
        using var other = new ReceivedMeasurements(cluster.Services(1).GetRequiredService<IMeterFactory>());

        var events = await cluster.Finish(Toy.Experiment(), "measured");

        Assert.IsType<FinishedEvent>(events[^1]);
        received.LookUp();
        other.LookUp();
        Assert.Equal(3, received.Sum("orleans_fl.rounds") + other.Sum("orleans_fl.rounds"));
        Assert.Equal(18, received.Sum("orleans_fl.clients") + other.Sum("orleans_fl.clients"));
        Assert.True(received.Sum("orleans_fl.phase.duration phase=train")
            + other.Sum("orleans_fl.phase.duration phase=train") > 0);
        Assert.True(received["orleans_fl.lanes.time work=train"] > 0 && other["orleans_fl.lanes.time work=train"] > 0);
    }
}
