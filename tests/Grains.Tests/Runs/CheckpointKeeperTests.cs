using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Runs;

public sealed class CheckpointKeeperTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store = new();
    private readonly TrainingLanes _lanes = new(1);
    private readonly RunData _data;
    private readonly CheckpointKeeper _keeper;

    public CheckpointKeeperTests()
    {
        var claim = new RunClaim("kept", _store);
        _data = new RunData(claim, new FakeSilos("a"));
        var plan = Plan.Of(Toy.Experiment("rounds=9", "checkpoints.every=2", "checkpoints.secondsBetween=5"),
            Toy.Data());
        _data.Plans.Load(new RunContext("kept", plan, _lanes), "", []);
        _data.Plans.Make();
        var events = new RunEvents(claim, new PhaseClock(_time), _time, NullLogger.Instance);
        _keeper = new CheckpointKeeper(_data, new RunCheckpoints(_store), events, _time, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _data.Plans.Context!.Dispose();
        await _lanes.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 0, 4, 9, null, true)]
    [InlineData(0, 0, 4, 9, null, false)] // never
    [InlineData(3, 0, 4, 9, null, false)] // 4 is no multiple of 3
    [InlineData(3, 0, 6, 9, null, true)]
    [InlineData(3, 0, 9, 9, null, false)] // there is nothing to go on to
    [InlineData(1, 5, 4, 9, 4.9, false)] // the last one is too young
    [InlineData(1, 5, 4, 9, 5.0, true)]
    [InlineData(1, 5, 4, 9, null, true)] // nobody knows when the last one was made
    public void A_checkpoint_is_due_every_so_many_rounds_but_not_too_soon(
        int every, double between, int done, int rounds, double? since, bool due) =>
        Assert.Equal(due, CheckpointKeeper.IsDue(new CheckpointSettings { Every = every, SecondsBetween = between },
            done, rounds, since is { } s ? TimeSpan.FromSeconds(s) : null));

    [Fact]
    public async Task A_run_goes_back_to_the_last_checkpoint_that_is_not_too_late()
    {
        await Keep(2);
        await Keep(4);
        Assert.Equal(4, _keeper.Kept);

        await _keeper.GoBack(9);
        Assert.Equal((4, 4, 40), (_keeper.Kept, _data.History.Done, _keeper.Of(0)!.Steps));
        await _keeper.GoBack(3);
        Assert.Equal((2, 2, 20), (_keeper.Kept, _data.History.Done, _keeper.Of(0)!.Steps));
        await _keeper.GoBack(1);
        Assert.Equal((0, 0), (_keeper.Kept, _data.History.Done)); // to the beginning
        Assert.Null(_keeper.Of(0));
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_leaves_the_last_one_and_is_due_again()
    {
        await Keep(2);
        _time.Advance(TimeSpan.FromSeconds(6));
        _store.Refusal = "There is no space left.";

        await Keep(4);

        Assert.Equal(2, _keeper.Kept);
        Assert.Equal(20, _keeper.Of(0)!.Steps);
        Assert.True(_keeper.IsDue());
        _store.Refusal = null;
        await Keep(4);
        Assert.False(_keeper.IsDue()); // a moment ago
    }

    private Task Keep(int rounds)
    {
        _data.History.HasDone(rounds);
        var weights = new BlobRef(new string('a', 64), 3);
        return _keeper.Commit([new NodeSnapshot(0, rounds - 1, weights, [], 10 * rounds, null, null)]);
    }
}
