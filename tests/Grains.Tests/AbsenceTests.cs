using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

public sealed class AbsenceTests(SharedClusters.OneSiloTwoLanes cluster)
    : IClassFixture<SharedClusters.OneSiloTwoLanes>, IDisposable
{
    public void Dispose() => cluster.Failures.Clear();

    [Theory(Timeout = 60_000)]
    [InlineData("fedavg", "star", "Train", "train")]
    [InlineData("gossip", "ring", "Train", "train")]
    [InlineData("gossip", "ring", "Combine", "exchange 1")]
    [InlineData("scaffold", "star", "Combine", "exchange 2")]
    [InlineData("fedavg", "star", "Evaluate", "test")]
    public async Task A_node_that_fails_is_reported_and_the_run_goes_on(
        string algorithm, string topology, string method, string phase)
    {
        var run = $"failing-{algorithm}-{topology}-{method}";
        cluster.Failures.Add($"{run}/2",
            method, () => throw new InvalidOperationException("The disk of node 2 is full."));

        var events = await cluster.Finish(Toy.Experiment($"algorithm={algorithm}", $"topology={topology}"), run);

        Assert.IsType<FinishedEvent>(events[^1]);
        Assert.Equal(phase, events.OfType<RoundEvent>().First().Absent![0].Phase); // later on it may fail to catch up
        foreach (var round in events.OfType<RoundEvent>())
        {
            Assert.Equal(5, round.Present);
            Assert.Equal((2, "The disk of node 2 is full."),
                (Assert.Single(round.Absent!).Node, round.Absent![0].Reason));
        }
        Assert.Contains("node 2 was absent. The disk of node 2 is full.",
            await File.ReadAllTextAsync(Path.Combine(cluster.Runs, run, "log.txt")));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("scaffold", "star")]
    [InlineData("gossip", "ring")]
    public async Task Answers_that_are_lost_are_asked_for_again_and_nothing_counts_twice(
        string algorithm, string topology)
    {
        string[] set = [$"algorithm={algorithm}", $"topology={topology}"];
        foreach (var method in (string[])["Join", "Train", "Combine", "Evaluate"])
            cluster.Failures.Lose($"lossy-{algorithm}/1", method, 3);

        var lossy = await cluster.Finish(Toy.Experiment(set), $"lossy-{algorithm}");
        var sound = await cluster.Finish(Toy.Experiment(set), $"sound-{algorithm}");

        Assert.Equal(Assert.IsType<FinishedEvent>(sound[^1]).WeightsSha256,
            Assert.IsType<FinishedEvent>(lossy[^1]).WeightsSha256);
        Assert.Equal(sound.OfType<RoundEvent>().Select(WithoutTimes), lossy.OfType<RoundEvent>().Select(WithoutTimes));

        static RoundEvent WithoutTimes(RoundEvent r) =>
            r with { Seconds = 0, Time = default, Work = r.Work! with { LaneSeconds = 0, Phases = [] } };
    }

    [Fact(Timeout = 60_000)]
    public async Task A_node_that_hangs_is_absent_when_its_deadline_is_over()
    {
        var never = new TaskCompletionSource();
        cluster.Failures.Add("hanging/1", "Train", () => never.Task);

        var events = await cluster.Finish(
            Toy.Experiment("seating.roundDeadlineSeconds=1", "rounds=2"), "hanging");

        never.SetResult();
        Assert.IsType<FinishedEvent>(events[^1]);
        Assert.All(events.OfType<RoundEvent>(),
            r => Assert.Contains("deadline of 1 s", Assert.Single(r.Absent!).Reason));
    }

    [Fact(Timeout = 60_000)]
    public async Task Too_few_nodes_end_the_run_with_the_reason()
    {
        cluster.Failures.Add("few/0", "Train", () => throw new InvalidOperationException("Out of memory."));

        var events = await cluster.Finish(Toy.Experiment("seating.roundQuorum=1"), "few");

        var failed = Assert.IsType<FailedEvent>(events[^1]);
        Assert.Contains("Only 5 of 6 nodes are present in round 1; seating.roundQuorum asks for 6", failed.Reason);
        Assert.Contains("Out of memory.", failed.Reason);
    }

    [Fact(Timeout = 60_000)]
    public async Task Nodes_that_do_not_come_are_waited_for_only_so_long()
    {
        var never = new TaskCompletionSource();
        cluster.Failures.Add("late/4", "Join", () => never.Task);

        var events = await cluster.Finish(
            Toy.Experiment("seating.quorum=0.8", "seating.deadlineSeconds=1", "rounds=1"), "late");

        never.SetResult();
        Assert.Equal(5, events.OfType<SeatedEvent>().Single().Present);
        Assert.Equal(5, events.OfType<RoundEvent>().Single().Present);
        Assert.IsType<FinishedEvent>(events[^1]);
    }

    [Fact(Timeout = 60_000)]
    public async Task No_quorum_at_the_start_ends_the_run_instead_of_waiting_for_ever()
    {
        var never = new TaskCompletionSource();
        foreach (var node in new[] { 1, 2, 3 }) cluster.Failures.Add($"quorum/{node}", "Join", () => never.Task);

        var events = await cluster.Finish(Toy.Experiment("seating.quorum=0.8", "seating.deadlineSeconds=1"), "quorum");

        never.SetResult();
        Assert.Contains("Only 3 of 6 nodes are ready; seating.quorum asks for 5",
            Assert.IsType<FailedEvent>(events[^1]).Reason);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_node_that_missed_a_round_starts_the_next_one_from_the_global_model()
    {
        var failures = 0;
        cluster.Failures.Add("catch-up/2", "Train", () =>
            Interlocked.Increment(ref failures) == 1
                ? throw new InvalidOperationException("Busy.")
                : Task.CompletedTask);
        var experiment = Toy.Experiment("rounds=2");

        var events = await cluster.Finish(experiment, "catch-up");

        // By hand: round 0 without node 2, which receives from the server all the same before round 1.
        var plan = Plan.Of(experiment, Toy.Data().Get(experiment.Dataset));
        var learners = Enumerable.Range(0, 6).Select(i => new Learner(plan, i)).ToArray();
        await using var lanes = new TrainingLanes(1);
        for (var round = 0; round < 2; round++)
        {
            var (r, absent) = (round, round == 0 ? new HashSet<int> { 2 } : []);
            foreach (var me in learners.Where(l => !absent.Contains(l.Index)))
                await lanes.Run("hand", (lane, stop) => me.Train(lane, r, stop));
            for (var e = 0; e < 2; e++)
                foreach (var me in learners)
                    me.Combine(round, e, ReceivedUpdates.Of([.. plan.Row(me.Index, round, e, absent)
                        .Select(h => new ReceivedUpdate(h.Node, h.Weight, learners[h.Node].Compose(e)))]));
        }
        Assert.Equal(WeightsHash.Of(learners.Select(l => l.Weights)),
            Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
        Assert.Equal([5, 6], events.OfType<RoundEvent>().Select(r => r.Present));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_whose_weights_diverge_says_so_and_ends()
    {
        var events = await cluster.Finish(Toy.Experiment("training.optimizer.learningRate=1000", "training.epochs=40",
            "rounds=30", "model={\"name\":\"mlp\",\"hidden\":[64,64,64]}"), "wild");

        var failed = Assert.IsType<FailedEvent>(events[^1]);
        Assert.Contains("diverged", failed.Reason);
    }
}
