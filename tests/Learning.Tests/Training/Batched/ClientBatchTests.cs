using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Batched;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Training.TorchLoading;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Batched;

/// <summary>How lanes hand several trainings of a run to the batched engine at once.</summary>
public class ClientBatchTests
{
    private const int Timeout = 60_000;
    private static readonly ImageSet Data = ToyData.Images(40, Lanes.Small, 4, seed: 1);
    private static readonly Experiment Batched = Toy.Experiment("training.engine=batched", "training.nodesAtOnce=4");

    [Fact(Timeout = Timeout)]
    public async Task A_lane_takes_what_waits_of_a_run_and_each_caller_gets_its_own()
    {
        await using var lanes = new TrainingLanes(1);
        var alone = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(node => Lanes.On(lane => Train(lane, node, default))));
        var sizes = new int[6];
        using var gate = new ManualResetEventSlim();
        var blocker = lanes.Run("x", (_, token) => { gate.Wait(token); return 0; });

        var jobs = Enumerable.Range(0, 6)
            .Select(node => lanes.Train("run", Batched.Model, Batched.TrainingOf(node), (lane, stop) =>
            {
                sizes[node] = lane.Jobs;
                return Train(lane, node, stop);
            })).ToList();
        gate.Set();
        await blocker;

        Assert.Equal(alone, await Task.WhenAll(jobs));
        Assert.Equal([4, 4, 4, 4, 2, 2], sizes);
        Assert.Equal(6, alone.Distinct().Count());
    }

    [Fact(Timeout = Timeout)]
    public async Task A_job_may_train_several_times_or_not_at_all_in_company()
    {
        var one = await Lanes.On(lane => Train(lane, 1, default));
        var two = await Lanes.On(lane => Train(lane, 2, default));

        var results = await AllAtOnce([
            (_, _) => 0,
            (lane, stop) => (Train(lane, 1, stop), Train(lane, 2, stop)),
            (lane, stop) => Train(lane, 2, stop),
        ]);

        Assert.Equal([0, (one, two), two], results);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_client_that_fails_or_gives_up_does_not_affect_the_others()
    {
        using var stop = new CancellationTokenSource();
        await using var lanes = new TrainingLanes(1);
        var expected = await Lanes.On(lane => Train(lane, 3, default));
        using var gate = new ManualResetEventSlim();
        var blocker = lanes.Run("x", (_, token) => { gate.Wait(token); return 0; });

        var failing = lanes.Train<int>("run", Batched.Model,
            Batched.TrainingOf(0), (_, _) => throw new InvalidDataException("broken"));
        var refused = lanes.Train("run", Batched.Model, Batched.TrainingOf(1),
            (lane, token) => Engine(lane).Train(Job(1) with { Start = ParameterVector.Zeros(5) }, token));
        var endless = lanes.Train("run", Batched.Model, Batched.TrainingOf(2), (lane, token) =>
        {
            stop.CancelAfter(50);
            return Engine(lane).Train(Job(2) with { Settings = Job(2).Settings with { Steps = 100_000_000 } }, token);
        }, cancellation: stop.Token);
        var going = lanes.Train("run", Batched.Model, Batched.TrainingOf(3), (lane, token) => Train(lane, 3, token));
        gate.Set();
        await blocker;

        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => refused);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        Assert.Equal(expected, await going);
        Assert.Equal(0, lanes.Queued);
        Assert.Equal(5, await lanes.Run("y", (_, _) => 5));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_failure_of_the_training_fails_each_of_its_jobs()
    {
        // A label that no class has is an error of libtorch's in the middle of the step.
        var wrong = new ImageSet(Data.Pixels, [.. Data.Labels.Select(_ => 200)], Data.Shape, Data.Scale);
        var failing = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Record.ExceptionAsync(() => AllAtOnce([
            (lane, stop) => Engine(lane).Train(Job(0) with { Data = wrong }, stop),
            (lane, stop) => Engine(lane).Train(Job(1) with { Data = wrong }, stop),
        ]))));

        Assert.All(failing, e => Assert.Contains("out of bounds", e?.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void What_keeps_all_from_training_fails_each_job_and_the_lane_lives_on()
    {
        using var lane = new Lane(0);
        using var batch = new ClientBatch(lane, _ => throw new TorchUnavailableException("There is no libtorch."));
        var layout = ParameterLayouts.LayoutOf(Lanes.Mlp, Data.Shape, 4);
        var jobs = Enumerable.Range(0, 2).Select(node => new LaneJob<LocalResult>("run", (_, stop) =>
        {
            var client = new BatchedClient(Job(node), layout, stop);
            batch.Await(client);
            return client.Result;
        }, default)).ToList();

        batch.Run(jobs, default);

        Assert.All(jobs, job => Assert.IsType<TorchUnavailableException>(job.Task.Exception?.InnerException));
    }

    [Fact(Timeout = Timeout)]
    public async Task Closing_the_lanes_ends_all_that_train_together()
    {
        var lanes = new TrainingLanes(1);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gate = new ManualResetEventSlim();
        var blocker = lanes.Run("x", (_, token) => { gate.Wait(token); return 0; });
        var jobs = Enumerable.Range(0, 3)
            .Select(node => lanes.Train("run", Batched.Model, Batched.TrainingOf(node), (lane, stop) =>
            {
                started.TrySetResult();
                return Engine(lane)
                    .Train(Job(node) with { Settings = Job(node).Settings with { Steps = 100_000_000 } }, stop);
            })).ToList();
        gate.Set();
        await blocker;
        await started.Task;

        await lanes.DisposeAsync();

        foreach (var job in jobs) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job);
    }

    [Fact(Timeout = Timeout)]
    public async Task Lanes_share_what_waits_and_other_runs_and_engines_have_no_company()
    {
        await using var lanes = new TrainingLanes(2);
        using var gate = new ManualResetEventSlim();
        using var both = new CountdownEvent(2);
        var blockers = Enumerable.Range(0, 2)
            .Select(_ => lanes.Run("x", (_, token) => { both.Signal(); gate.Wait(token); return 0; })).ToList();
        both.Wait();
        var torch = Toy.Experiment("training.engine=torch");

        var mine = Enumerable.Range(0, 4)
            .Select(node => lanes.Train("a", Batched.Model, Batched.TrainingOf(node), (lane, _) => lane.Jobs)).ToList();
        var other = lanes.Train("b", Batched.Model, Batched.TrainingOf(0), (lane, _) => lane.Jobs);
        var plain = Enumerable.Range(0, 2)
            .Select(node => lanes.Train("c", torch.Model, torch.TrainingOf(node), (lane, _) => lane.Jobs)).ToList();
        gate.Set();
        await Task.WhenAll(blockers);

        Assert.All(await Task.WhenAll(mine), jobs => Assert.InRange(jobs, 1, 2)); // two lanes: half of what waits each
        Assert.Equal(1, await other);
        Assert.All(await Task.WhenAll(plain), jobs => Assert.Equal(1, jobs));
    }

    [Theory(Timeout = 120_000)]
    [InlineData("fedavg")]
    [InlineData("scaffold")]
    [InlineData("ditto")] // trains twice
    [InlineData("fedrep")]
    [InlineData("ifca")] // tests before it trains
    public async Task A_run_has_the_same_bits_on_any_number_of_lanes_and_in_any_company(string algorithm)
    {
        Task<SimulationResult> Run(int lanes, params string[] more) =>
            Simulation.Run(Toy.Experiment([$"algorithm={algorithm}", "training.engine=batched", .. more]),
                new SimulationOptions(Toy.Data(), lanes, TimeProvider.System));

        var (together, shared, alone, torch) = (await Run(1), await Run(3), await Run(2, "training.nodesAtOnce=1"),
            await Run(1, "training.engine=torch"));

        Assert.Equal(alone.WeightsSha256, together.WeightsSha256);
        Assert.Equal(alone.WeightsSha256, shared.WeightsSha256);
        LocalTrainerTests.AssertClose(torch.Weights[0], together.Weights[0], 1e-4);
    }

    private static async Task<object[]> AllAtOnce(Func<Lane, CancellationToken, object>[] works)
    {
        await using var lanes = new TrainingLanes(1);
        using var gate = new ManualResetEventSlim();
        var blocker = lanes.Run("x", (_, token) => { gate.Wait(token); return 0; });
        var jobs = works
            .Select((work, node) => lanes.Train("run", Batched.Model, Batched.TrainingOf(node), work)).ToList();
        gate.Set();
        await blocker;
        return await Task.WhenAll(jobs);
    }

    private static Engine Engine(Lane lane) => lane.EngineFor(Lanes.Mlp, Batched.Training);

    private static ParameterVector Train(Lane lane, int node, CancellationToken stop) =>
        Engine(lane).Train(Job(node), stop).Weights;

    private static LocalJob Job(int node) => Lanes.Job(Lanes.Mlp, Data, 4, Batched.Training with { BatchSize = 6 }) with
    {
        Order = new Seeds(7).Stream("order", node, 0),
    };
}
