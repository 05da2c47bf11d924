using Microsoft.Extensions.DependencyInjection;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// What was answered outlives whoever answered it: a run that was started goes on, whatever is lost before its nodes
/// sit.
/// </summary>
public sealed class RunStartTests
{
    // Its second node waits for a silo that a test starts later.
    private static readonly string[] Waiting =
        ["rounds=4", "devices=[{\"nodes\":[1],\"silo\":\"Silo_2\"}]"];

    [Fact(Timeout = 60_000)]
    public async Task The_start_is_in_the_journal_before_it_is_answered()
    {
        await using var cluster = await FederationCluster.Start(silos: 1, lanes: 1);

        await cluster.Begin(Toy.Experiment(Waiting), "noted");

        Assert.Contains("\"event\":\"started\"", (await Journal(cluster, "noted"))[1], StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_run_whose_silo_is_lost_before_all_nodes_sit_begins_on_another(int killed)
    {
        await using var cluster = await FederationCluster.Start(silos: 2, lanes: 1);
        var (asked, killing) = (NewSignal(), NewSignal());
        cluster.Failures.Add("unseated/1", "Join", () =>
        {
            asked.TrySetResult();
            return killing.Task;
        });
        var experiment = Toy.Experiment("rounds=4");
        await cluster.Begin(experiment, "unseated");
        await asked.Task;

        await cluster.Kill(killed);
        killing.SetResult();

        await Simulated.HasTheBitsOf(experiment, await cluster.WatchOn("unseated"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_ends_with_its_activation_and_the_next_one_takes_it_up()
    {
        await using var cluster = await FederationCluster.Start(silos: 2, lanes: 1);
        var experiment = Toy.Experiment(Waiting);
        var grain = await cluster.Begin(experiment, "moved");

        await cluster.LetGo("moved");
        await cluster.Add();

        var events = await cluster.WatchOn("moved");
        await Simulated.HasTheBitsOf(experiment, events);
        Assert.DoesNotContain(events, e => e is SuspendedEvent or StoppedEvent or FailedEvent);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(3)]
    [InlineData(30)] // the last one
    public async Task A_run_whose_activation_is_lost_between_rounds_goes_on_to_the_same_bits(int round)
    {
        await using var cluster = await FederationCluster.Start(silos: 2, lanes: 1);
        var experiment = Toy.Experiment("rounds=30", "algorithm=scaffold", "checkpoints.every=2");
        var grain = await cluster.Begin(experiment, "lost");
        await FederationCluster.Until(grain, e => e is RoundEvent done && done.Round == round);

        await cluster.LetGo("lost");

        await Simulated.HasTheBitsOf(experiment, await cluster.WatchOn("lost"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_was_registered_long_ago_can_be_started()
    {
        await using var cluster = await FederationCluster.Start(silos: 1, lanes: 1);
        var experiment = Toy.Experiment("rounds=2");
        await cluster.Registry.Register(ExperimentWriter.Canonical(experiment), "old");
        var grain = cluster.Grains.GetGrain<IExperimentGrain>("old");
        await cluster.LetGo("old");

        await grain.Start();

        await Simulated.HasTheBitsOf(experiment, await FederationCluster.Watch(grain));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_nobody_started_is_not_woken()
    {
        await using var cluster = await FederationCluster.Start(silos: 1, lanes: 1);
        await cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), "unborn");
        await cluster.LetGo("unborn");

        await cluster.Between.GetGrain<IRegistryGrain>(IRegistryGrain.Key).Revive();

        Assert.Equal(RunState.Registered, (await cluster.Registry.Find("unborn"))!.State);
        Assert.Single(await Journal(cluster, "unborn"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_was_resumed_goes_on_although_its_activation_is_lost_at_once()
    {
        await using var cluster = await FederationCluster.Start(silos: 1, lanes: 1);
        var experiment = Toy.Experiment("rounds=40");
        var grain = await cluster.Begin(experiment, "twice");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 5 });
        await grain.Stop();

        await grain.Resume();
        await cluster.LetGo("twice");

        await Simulated.HasTheBitsOf(experiment, await cluster.WatchOn("twice"));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Task<JournalLines> Journal(FederationCluster cluster, string run) =>
        cluster.Services(0).GetRequiredService<ICheckpointStore>().Journal(run);
}
