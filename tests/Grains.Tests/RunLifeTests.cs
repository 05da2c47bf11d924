using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Runs begin, are watched, paused, stopped and resumed, and end.</summary>
public sealed class RunLifeTests(SharedClusters.OneSiloTwoLanes cluster) : IClassFixture<SharedClusters.OneSiloTwoLanes>
{
    [Fact(Timeout = 60_000)]
    public async Task The_events_of_a_run_are_registered_started_seated_rounds_finished()
    {
        var events = await cluster.Finish(Toy.Experiment(), "life");

        Assert.Equal(["RegisteredEvent", "StartedEvent", "SeatedEvent", "RoundEvent", "RoundEvent", "RoundEvent",
            "FinishedEvent"], events.Select(e => e.GetType().Name));
        Assert.Equal(Enumerable.Range(0, 7).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal(6, Assert.IsType<SeatedEvent>(events[2]).Present);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_watcher_may_come_late_and_from_any_event()
    {
        var grain = await cluster.Begin(Toy.Experiment());
        var all = await FederationCluster.Watch(grain);

        Assert.Equal(all.Select(e => e.ToJson()), (await FederationCluster.Watch(grain)).Select(e => e.ToJson()));
        Assert.Equal(all.Skip(4).Select(e => e.ToJson()),
            (await FederationCluster.Watch(grain, 4)).Select(e => e.ToJson()));
        Assert.IsType<FinishedEvent>(Assert.Single(await FederationCluster.Watch(grain, 1000)));
    }

    [Fact(Timeout = 60_000)]
    public async Task Several_runs_go_on_at_once_and_give_what_each_gives_alone()
    {
        Experiment[] experiments =
            [Toy.Experiment("seed=1"), Toy.Experiment("seed=2", "algorithm=scaffold"),
                Toy.Experiment("seed=3", "topology=ring")];

        var together = await Task.WhenAll(experiments.Select(e => cluster.Finish(e)));

        foreach (var (experiment, events) in experiments.Zip(together))
        {
            var alone = await Simulated.Run(experiment);
            Assert.Equal(alone.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_paused_run_holds_between_rounds_and_resumes_to_the_same_bits()
    {
        var experiment = Toy.Experiment("rounds=40");
        var grain = await cluster.Begin(experiment, "paused");
        await grain.Pause();
        await FederationCluster.Until(grain, e => e is PausedEvent);

        var held = await grain.Status();
        Assert.Equal(RunState.Paused, held.State);
        await grain.Resume();
        var events = await FederationCluster.Watch(grain);

        var alone = await Simulated.Run(experiment);
        Assert.Equal(alone.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
        Assert.Contains(events, e => e is ResumedEvent);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_stopped_run_keeps_its_rounds_and_the_weights_after_the_last_of_them()
    {
        var experiment = Toy.Experiment("rounds=100000");
        var grain = await cluster.Begin(experiment, "stopped");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 3 });

        var status = await grain.Stop();

        Assert.Equal(RunState.Stopped, status.State);
        Assert.True(status.Round >= 3);
        Assert.Equal(status.Round, RunFolderReader.Open(cluster.Runs, "stopped").Rounds().Count);
        var same = await Simulated.Run(experiment with { Rounds = status.Round });
        Assert.Equal(same.WeightsSha256, status.WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_was_never_started_can_be_stopped()
    {
        var registration = await cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), "unborn");

        var status = await cluster.Grains.GetGrain<IExperimentGrain>(registration.Run!).Stop();

        Assert.Equal(RunState.Stopped, status.State);
        Assert.Equal(RunOutcome.Stopped, RunFolderReader.Open(cluster.Runs, "unborn").Status);
    }

    [Fact(Timeout = 60_000)]
    public async Task Watching_an_unknown_run_is_an_error()
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() =>
            FederationCluster.Watch(cluster.Grains.GetGrain<IExperimentGrain>("nothing")));

        Assert.Contains("There is no run 'nothing'", refusal.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_silo_that_is_asked_to_stop_leaves_a_run_that_can_go_on()
    {
        await using var own = await FederationCluster.Start(silos: 1, lanes: 2);
        var grain = await own.Begin(Toy.Experiment("rounds=100000"), "cut");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 2 });

        await own.StopSilos();

        var folder = RunFolderReader.Open(own.Runs, "cut");
        Assert.Equal(RunOutcome.Unfinished, folder.Status);
        Assert.True(folder.Rounds().Count >= 2);
        Assert.Contains("\"event\":\"suspended\"",
            (await File.ReadAllLinesAsync(Path.Combine(folder.Path, "events.jsonl")))[^1]);
    }
}
