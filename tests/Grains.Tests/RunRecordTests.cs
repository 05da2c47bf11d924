using System.Text.Json;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Testing;
using Xunit;
using EventsOfRounds = Orleans.FL.Grains.Recording.RoundEvents;

namespace Orleans.FL.Grains.Tests;

/// <summary>The folder of a run holds what happened: events, weights, split and graph.</summary>
public sealed class RunRecordTests(SharedClusters.OneSiloTwoLanes cluster)
    : IClassFixture<SharedClusters.OneSiloTwoLanes>
{
    [Fact(Timeout = 60_000)]
    public async Task The_folder_holds_what_the_events_say()
    {
        var events = await cluster.Finish(Toy.Experiment("topology=ring", "algorithm=gossip"), "folder");
        var finished = Assert.IsType<FinishedEvent>(events[^1]);
        var folder = RunFolderReader.Open(cluster.Runs, "folder");

        Assert.Equal(finished.Folder, folder.Path);
        Assert.Equal(RunOutcome.Finished, folder.Status);
        Assert.Equal(finished.WeightsSha256, folder.Summary()!.WeightsSha256);
        Assert.Equal(
            events.Select(e => e.ToJson()), await File.ReadAllLinesAsync(Path.Combine(folder.Path, "events.jsonl")));
        Assert.Equal(events.OfType<RoundEvent>().Select(r => r.TestAccuracy),
            folder.Rounds().Select(r => (double?)r["test_accuracy"]));
        Assert.Equal(ExperimentWriter.Canonical(Toy.Experiment("topology=ring", "algorithm=gossip")),
            folder.ExperimentText());
    }

    [Fact(Timeout = 60_000)]
    public async Task The_weights_in_the_folder_are_those_that_the_hash_names()
    {
        var experiment = Toy.Experiment("topology=ring", "algorithm=gossip");
        var finished = Assert.IsType<FinishedEvent>((await cluster.Finish(experiment, "weights"))[^1]);
        var layout = Plan.Of(experiment, Toy.Data().Get(experiment.Dataset)).Layout;

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
        var finished = Assert.IsType<FinishedEvent>((await cluster.Finish(experiment, "split"))[^1]);

        using var split = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "split.json")));
        using var graph = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "graph.json")));

        var third = split.RootElement.GetProperty("nodes")[3];
        Assert.Equal(plan.TrainIndices(3), third.GetProperty("train").EnumerateArray().Select(i => i.GetInt32()));
        Assert.Equal(plan.LocalTest[3], third.GetProperty("test").EnumerateArray().Select(i => i.GetInt32()));
        // 6 nodes receive from 3 each
        Assert.Equal(18, graph.RootElement.GetProperty("exchanges")[0].GetProperty("edges").GetArrayLength());
    }

    // Each of six nodes receives from one other in each of a period's rounds, or in each of those that are drawn every
    // second round; a star's round is like the next.
    [Theory(Timeout = 60_000)]
    [InlineData("one-peer-exponential", "gossip", 3, "2 3")]
    [InlineData("{\"name\":\"random-regular\",\"degree\":3,\"redrawEvery\":2}", "gossip", 0, "3 5")]
    [InlineData("ring", "gossip", 1, "")]
    [InlineData("star", "fedavg", 1, "")]
    [InlineData("star", "epidemic", 0, "2 3 4 5")] // receivers are drawn anew
    public async Task The_graph_in_the_folder_has_a_period_or_each_redraw(
        string topology, string algorithm, int period, string later)
    {
        var experiment = Toy.Experiment($"topology={topology}", $"algorithm={algorithm}", "rounds=5");
        var plan = Plan.Of(experiment, Toy.Data());
        var finished = Assert.IsType<FinishedEvent>(
            (await cluster.Finish(experiment, $"graphs-{period}-{algorithm}"))[^1]);

        using var graph = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "graph.json")));

        Assert.Equal(period, graph.RootElement.GetProperty("period").GetInt32());
        var rounds = graph.RootElement.GetProperty("later").EnumerateArray().ToList();
        Assert.Equal(later, string.Join(' ', rounds.Select(r => r.GetProperty("round").GetInt32())));
        foreach (var round in rounds)
            Assert.Equal(Enumerable.Range(0, 6)
                .SelectMany(to => plan.Row(to, round.GetProperty("round").GetInt32() - 1, 0).Select(r => (r.Node, to))),
                round.GetProperty("exchanges")[0].GetProperty("edges").EnumerateArray()
                    .Select(e => (e[0].GetInt32(), e[1].GetInt32())));
    }

    // Half of six nodes train in a round. Who was drawn for the next one receives the server's model; after the last
    // round nobody does. Node 0 is the server.
    [Fact(Timeout = 60_000)]
    public async Task Only_those_who_begin_with_it_receive_the_servers_model_in_the_graph()
    {
        var experiment = Toy.Experiment("algorithm.clientFraction=0.5", "rounds=3", "training.validationFraction=0",
            "partitioner.testSamplesPerNode=0");
        var plan = Plan.Of(experiment, Toy.Data());
        var finished = Assert.IsType<FinishedEvent>((await cluster.Finish(experiment, "graph-of-some"))[^1]);

        using var graph = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "graph.json")));

        JsonElement[] rounds = [graph.RootElement, .. graph.RootElement.GetProperty("later").EnumerateArray()];
        Assert.Equal((0, 3), (graph.RootElement.GetProperty("period").GetInt32(), rounds.Length));
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(plan.Protocol.Trainers(round), Edges(rounds[round], 0).Select(e => e.From));
            Assert.Equal(round == 2 ? [] : plan.Protocol.Trainers(round + 1).Where(n => n != 0),
                Edges(rounds[round], 1).Select(e => e.To));
        }
    }

    // A ring of six; in round 3 node 2 leaves, and 1 and 3 are neighbours from then on.
    [Fact(Timeout = 60_000)]
    public async Task The_graph_in_the_folder_has_one_after_each_change_of_the_members()
    {
        var experiment = Toy.Experiment("topology=ring", "algorithm=gossip", "rounds=4",
            "membership=[{\"round\":3,\"remove\":[2]}]");
        var finished = Assert.IsType<FinishedEvent>((await cluster.Finish(experiment, "graph-of-members"))[^1]);

        using var graph = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "graph.json")));

        var later = Assert.Single(graph.RootElement.GetProperty("later").EnumerateArray());
        Assert.Equal(3, later.GetProperty("round").GetInt32());
        Assert.Equal([0, 1, 3], Edges(later, 0).Where(e => e.To == 1).Select(e => e.From));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_summary_has_the_loss_of_the_last_test_and_the_log_its_end_once()
    {
        var experiment = Toy.Experiment("rounds=3", "evaluation.every=2");
        var events = await cluster.Finish(experiment, "last-test");
        var finished = Assert.IsType<FinishedEvent>(events[^1]);
        var last = events.OfType<RoundEvent>().Last();

        using var summary =
            JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(finished.Folder, "summary.json")));
        var log = await File.ReadAllLinesAsync(Path.Combine(finished.Folder, "log.txt"));

        Assert.Equal(3, last.Round);
        Assert.Equal(last.TestLoss!.Value, summary.RootElement.GetProperty("testLoss").GetDouble());
        Assert.Single(log, line => line.Contains("Finished after 3 of 3 rounds"));
    }

    // Trained on four samples with a loss of 2 in all; nobody was tested.
    [Fact]
    public void A_log_line_leaves_out_what_was_not_measured()
    {
        var main = new Classification().Main;
        var node = new NodeReport(0, 1, MetricSums.OfBatch(4, 2, 3), default, default, default, 0, 0, 1, 0, null);

        Assert.Equal("train loss 0.5000, ", EventsOfRounds.InWords(new RoundReport(1, [node], 0, 0), main));
        Assert.Equal("train loss 0.5000, test accuracy 0.2500, ", EventsOfRounds.InWords(
            new RoundReport(1, [node with { Test = MetricSums.OfBatch(8, 2, 2) }], 0, 0), main));
        Assert.Equal("", EventsOfRounds.InWords(new RoundReport(1, [], 0, 0), main));
    }

    private static IEnumerable<(int From, int To)> Edges(JsonElement round, int exchange) =>
        round.GetProperty("exchanges")[exchange].GetProperty("edges").EnumerateArray()
            .Select(e => (e[0].GetInt32(), e[1].GetInt32()));
}
