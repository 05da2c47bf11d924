using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Runs;

public sealed class RunPlanTests : IAsyncDisposable
{
    private readonly TrainingLanes _lanes = new(1);
    private readonly RunPlan _plans = new();

    public RunPlanTests()
    {
        var plan = Plan.Of(Toy.Experiment("rounds=5", "seating.members=5"), Toy.Data());
        _plans.Load(new RunContext("asked", plan, _lanes), "", []);
        _plans.Make();
    }

    public async ValueTask DisposeAsync()
    {
        _plans.Context?.Dispose();
        await _lanes.DisposeAsync();
    }

    [Fact]
    public void A_change_holds_from_the_round_after_the_one_under_way()
    {
        var asked = _plans.Ask(done: 1, [], [2])!; // round 2 is under way

        Assert.Equal(3, asked.Change!.Round);
        Assert.Null(_plans.Change(done: 1));
        Assert.Equal([0, 1, 2, 3, 4], _plans.Plan.Members(2).Ranks);
        Assert.Same(asked.Change, _plans.Change(done: 2));
        Assert.Equal([0, 1, 3, 4], _plans.Plan.Members(2).Ranks);
        Assert.Null(_plans.Change(done: 2)); // once
    }

    [Fact]
    public void A_peer_without_a_wish_gets_the_first_free_rank()
    {
        Assert.Equal([5], _plans.Ask(1, [], [])!.Change!.Add);
        Assert.Contains("Another change waits", Assert.Single(_plans.Ask(1, [], [2])!.Errors));
        _plans.Change(done: 2);
        Assert.Contains("All 6 nodes are members.", Assert.Single(_plans.Ask(2, [], [])!.Errors));
    }

    [Fact]
    public void The_last_round_is_too_late_and_a_run_that_is_not_under_way_too()
    {
        Assert.Contains("The last round is under way", Assert.Single(_plans.Ask(4, [], [2])!.Errors));
        _plans.Context!.Dispose();
        _plans.Forget();

        Assert.Null(_plans.Ask(1, [], [2]));
    }
}
