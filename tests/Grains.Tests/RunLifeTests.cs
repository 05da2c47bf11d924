using System.Text.Json;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

public sealed class RunLifeTests : IAsyncLifetime
{
    private FederationCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await FederationCluster.Start();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task The_events_of_a_run_are_registered_seated_rounds_finished()
    {
        var events = await _cluster.Finish(Toy.Experiment(), "life");

        Assert.Equal(["RegisteredEvent", "SeatedEvent", "RoundEvent", "RoundEvent", "RoundEvent", "FinishedEvent"],
            events.Select(e => e.GetType().Name));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal(6, Assert.IsType<SeatedEvent>(events[1]).Present);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_watcher_may_come_late_and_from_any_event()
    {
        var grain = await _cluster.Begin(Toy.Experiment());
        var all = await FederationCluster.Watch(grain);

        Assert.Equal(all.Select(e => e.ToJson()), (await FederationCluster.Watch(grain)).Select(e => e.ToJson()));
        Assert.Equal(all.Skip(4).Select(e => e.ToJson()), (await FederationCluster.Watch(grain, 4)).Select(e => e.ToJson()));
        Assert.IsType<FinishedEvent>(Assert.Single(await FederationCluster.Watch(grain, 1000)));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_folder_holds_what_the_events_say()
    {
        var events = await _cluster.Finish(Toy.Experiment("topology=ring", "algorithm=gossip"), "folder");
        var finished = Assert.IsType<FinishedEvent>(events[^1]);
        var folder = RunFolderReader.Open(_cluster.Runs, "folder");

        Assert.Equal(finished.Folder, folder.Path);
        Assert.Equal(RunOutcome.Finished, folder.Status);
        Assert.Equal(finished.WeightsSha256, folder.Summary()!.WeightsSha256);
        Assert.Equal(events.Select(e => e.ToJson()), await File.ReadAllLinesAsync(Path.Combine(folder.Path, "events.jsonl")));
        Assert.Equal(events.OfType<RoundEvent>().Select(r => r.TestAccuracy), folder.Rounds().Select(r => (double?)r["test_accuracy"]));
        Assert.Equal(ExperimentWriter.Canonical(Toy.Experiment("topology=ring", "algorithm=gossip")), folder.ExperimentText());
    }

    [Fact(Timeout = 60_000)]
    public async Task The_weights_in_the_folder_are_those_that_the_hash_names()
    {
        var experiment = Toy.Experiment("topology=ring", "algorithm=gossip");
        var finished = Assert.IsType<FinishedEvent>((await _cluster.Finish(experiment, "weights"))[^1]);
        var layout = Learning.Experiments.Plan.Of(experiment, Toy.Data().Get(experiment.Dataset)).Layout;

        var nodes = Enumerable.Range(0, 6).Select(i => Safetensors.ReadFile(
            Path.Combine(finished.Folder, "weights", "nodes", $"node-{i:D4}.safetensors"), layout)).ToList();

        Assert.Equal(finished.WeightsSha256, WeightsHash.Of(nodes));
        Assert.Equal(ExactSum.WeightedMean([.. nodes.Select(n => (n, 1.0))]),
            Safetensors.ReadFile(Path.Combine(finished.Folder, "weights", "final.safetensors"), layout));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_split_and_the_graph_in_the_folder_are_the_plans()
    {
        var experiment = Toy.Experiment("topology=ring", "algorithm=gossip");
        var plan = Plan.Of(experiment, Toy.Data().Get(experiment.Dataset));
        var finished = Assert.IsType<FinishedEvent>((await _cluster.Finish(experiment, "split"))[^1]);

        using var split = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "split.json")));
        using var graph = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "graph.json")));

        var third = split.RootElement.GetProperty("nodes")[3];
        Assert.Equal(plan.TrainIndices(3), third.GetProperty("train").EnumerateArray().Select(i => i.GetInt32()));
        Assert.Equal(plan.LocalTest[3], third.GetProperty("test").EnumerateArray().Select(i => i.GetInt32()));
        Assert.Equal(18, graph.RootElement.GetProperty("exchanges")[0].GetProperty("edges").GetArrayLength()); // 6 nodes hear 3 each
    }

    // Each of six nodes hears one other in each of a period's rounds, or in each of those that are drawn every second round; a star's round is like the next.
    [Theory(Timeout = 60_000)]
    [InlineData("one-peer-exponential", "gossip", 3, "2 3")]
    [InlineData("{\"name\":\"random-regular\",\"degree\":3,\"redrawEvery\":2}", "gossip", 0, "3 5")]
    [InlineData("ring", "gossip", 1, "")]
    [InlineData("star", "fedavg", 1, "")]
    public async Task The_graph_in_the_folder_has_a_period_or_each_redraw(string topology, string algorithm, int period, string later)
    {
        var experiment = Toy.Experiment($"topology={topology}", $"algorithm={algorithm}", "rounds=5");
        var plan = Plan.Of(experiment, Toy.Data());
        var finished = Assert.IsType<FinishedEvent>((await _cluster.Finish(experiment, $"graphs-{period}-{algorithm}"))[^1]);

        using var graph = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "graph.json")));

        Assert.Equal(period, graph.RootElement.GetProperty("period").GetInt32());
        var rounds = graph.RootElement.GetProperty("later").EnumerateArray().ToList();
        Assert.Equal(later, string.Join(' ', rounds.Select(r => r.GetProperty("round").GetInt32())));
        foreach (var round in rounds)
            Assert.Equal(Enumerable.Range(0, 6).SelectMany(to => plan.Row(to, round.GetProperty("round").GetInt32() - 1, 0).Select(r => (r.Node, to))),
                round.GetProperty("exchanges")[0].GetProperty("edges").EnumerateArray().Select(e => (e[0].GetInt32(), e[1].GetInt32())));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_id_that_exists_is_refused_with_the_ways_on()
    {
        await _cluster.Finish(Toy.Experiment("rounds=1"), "taken");

        var again = await _cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), "taken");

        Assert.Null(again.Run);
        Assert.Contains("choose another id with --run ID", Assert.Single(again.Errors));
    }

    [Fact(Timeout = 60_000)]
    public async Task Asking_for_the_id_of_a_run_that_goes_on_does_not_disturb_it()
    {
        var experiment = Toy.Experiment("rounds=30");
        var grain = await _cluster.Begin(experiment, "going");

        var again = await _cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), "going");

        Assert.Contains("exists", Assert.Single(again.Errors));
        var events = await FederationCluster.Watch(grain);
        var alone = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 1, TimeProvider.System));
        Assert.Equal(alone.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
        Assert.All(events.OfType<RoundEvent>(), r => Assert.Equal(6, r.Present));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("../escape")]
    [InlineData("")]
    [InlineData(".hidden")]
    public async Task A_run_id_that_is_no_folder_name_is_refused(string run)
    {
        var refused = await _cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), run);

        Assert.Contains("is no run id", Assert.Single(refused.Errors));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_faulty_experiment_is_refused_with_every_fault()
    {
        var json = ExperimentWriter.Canonical(Toy.Experiment()).Replace("\"fedavg\"", "\"fedavgg\"").Replace("\"rounds\": 3", "\"rounds\": 0");

        var refused = await _cluster.Registry.Register(json, null);

        Assert.Equal(2, refused.Errors.Length);
        Assert.Contains(refused.Errors, f => f.StartsWith("$.algorithm", StringComparison.Ordinal) && f.Contains("Did you mean 'fedavg'?"));
    }

    [Fact(Timeout = 60_000)]
    public async Task More_samples_than_there_are_is_refused_before_anything_starts()
    {
        var refused = await _cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment("partitioner.samplesPerNode=21")), "greedy");

        Assert.Contains("126", Assert.Single(refused.Errors)); // 6 × 21 of 120
        Assert.False(Directory.Exists(Path.Combine(_cluster.Runs, "greedy")));
    }

    [Fact(Timeout = 60_000)]
    public async Task Several_runs_go_on_at_once_and_give_what_each_gives_alone()
    {
        var experiments = new[] { Toy.Experiment("seed=1"), Toy.Experiment("seed=2", "algorithm=scaffold"), Toy.Experiment("seed=3", "topology=ring") };

        var together = await Task.WhenAll(experiments.Select(e => _cluster.Finish(e)));

        foreach (var (experiment, events) in experiments.Zip(together))
        {
            var alone = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 1, TimeProvider.System));
            Assert.Equal(alone.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_paused_run_holds_between_rounds_and_resumes_to_the_same_bits()
    {
        var experiment = Toy.Experiment("rounds=40");
        var grain = await _cluster.Begin(experiment, "paused");
        await grain.Pause();
        await foreach (var happened in grain.Watch(0))
            if (happened is PausedEvent) break;

        var held = await grain.Status();
        Assert.Equal(RunState.Paused, held.State);
        await grain.Resume();
        var events = await FederationCluster.Watch(grain);

        var alone = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 1, TimeProvider.System));
        Assert.Equal(alone.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
        Assert.Contains(events, e => e is ResumedEvent);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_stopped_run_keeps_its_rounds_and_the_weights_after_the_last_of_them()
    {
        var experiment = Toy.Experiment("rounds=100000");
        var grain = await _cluster.Begin(experiment, "stopped");
        await foreach (var happened in grain.Watch(0))
            if (happened is RoundEvent { Round: 3 }) break;

        var status = await grain.Stop();

        Assert.Equal(RunState.Stopped, status.State);
        Assert.True(status.Round >= 3);
        Assert.Equal(status.Round, RunFolderReader.Open(_cluster.Runs, "stopped").Rounds().Count);
        var same = await Simulation.Run(experiment with { Rounds = status.Round }, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        Assert.Equal(same.WeightsSha256, status.WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_was_never_started_can_be_stopped()
    {
        var registration = await _cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), "unborn");

        var status = await _cluster.Grains.GetGrain<IExperimentGrain>(registration.Run!).Stop();

        Assert.Equal(RunState.Stopped, status.State);
        Assert.Equal(RunOutcome.Stopped, RunFolderReader.Open(_cluster.Runs, "unborn").Status);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_registry_lists_runs_and_knows_how_they_stand()
    {
        await _cluster.Finish(Toy.Experiment("rounds=1"), "one");
        await _cluster.Finish(Toy.Experiment("rounds=2"), "two");

        var list = await _cluster.Registry.List();

        Assert.Equal([RunState.Finished, RunState.Finished], list.Select(r => r.State));
        Assert.Equal(2, (await _cluster.Registry.Find("two"))!.Round);
        Assert.Null(await _cluster.Registry.Find("three"));
    }

    [Fact(Timeout = 60_000)]
    public async Task An_identity_keeps_its_rank_in_whatever_order_it_asks()
    {
        var first = await _cluster.Registry.Seat("seats", ["b", "a", "c"]);
        var again = await _cluster.Registry.Seat("seats", ["c", "b", "d"]);

        Assert.Equal([0, 1, 2], first.Select(s => s.Rank));
        Assert.Equal([2, 0, 3], again.Select(s => s.Rank));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_peer_list_is_published_when_the_nodes_are_seated()
    {
        var grain = await _cluster.Begin(Toy.Experiment(), "peers");
        await FederationCluster.Watch(grain);

        var peers = await _cluster.Registry.Peers("peers");

        Assert.Equal(Enumerable.Range(0, 6), peers!.Seats.Select(p => p.Rank));
        Assert.All(peers.Seats, p => Assert.Equal(12, p.Samples)); // 15, a fifth held out
    }

    [Fact(Timeout = 60_000)]
    public async Task Watching_an_unknown_run_says_so()
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => FederationCluster.Watch(_cluster.Grains.GetGrain<IExperimentGrain>("nothing")));

        Assert.Contains("There is no run 'nothing'", refusal.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_silo_that_is_told_to_stop_leaves_a_run_that_can_go_on()
    {
        var grain = await _cluster.Begin(Toy.Experiment("rounds=100000"), "cut");
        await foreach (var happened in grain.Watch(0))
            if (happened is RoundEvent { Round: 2 }) break;

        await _cluster.StopSilos();

        var folder = RunFolderReader.Open(_cluster.Runs, "cut");
        Assert.Equal(RunOutcome.Unfinished, folder.Status);
        Assert.True(folder.Rounds().Count >= 2);
        Assert.Contains("\"event\":\"suspended\"", (await File.ReadAllLinesAsync(Path.Combine(folder.Path, "events.jsonl")))[^1]);
    }
}
