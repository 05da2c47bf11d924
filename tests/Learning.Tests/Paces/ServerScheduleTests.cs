using Orleans.FL.Learning.Paces.Clocks;
using Orleans.FL.Learning.Paces.Schedules;
using Xunit;

namespace Orleans.FL.Learning.Tests.Paces;

public class ServerScheduleTests
{
    // Trainings take 1, 2 and 3.5 s, two updates make a model. Model 1 at 2 s: nodes 0 (1 s, then it is idle) and 1.
    // They begin anew at 2 s; node 2 is still at model 0. Model 2 at 3.5 s: node 0 (3 s) and node 2, one model late.
    // Model 3 at 4.5 s: node 1 (4 s, begun with model 1) and node 0 (begun with model 2).
    [Fact]
    public void Two_updates_by_hand()
    {
        var schedule = new ServerSchedule(Schedules.Nodes(3, 1, 2, 3.5), 2, 0);

        Assert.Equal([[(0, 1, 0), (1, 2, 0)], [(0, 3, 0), (2, 3.5, 1)], [(1, 4, 1), (0, 4.5, 0)]],
            Schedules.Rounds(schedule, 3));
        Assert.Equal([2, 3.5, 4.5], Enumerable.Range(0, 3).Select(r => schedule.Of(r).Seconds));
        // after the last round all receive the model
        Assert.Equal([[0, 1], [0, 2], [0, 1, 2]], Enumerable.Range(0, 3).Select(r => schedule.Of(r).Begun));
        Assert.Equal((0.5, 1.0), (schedule.Of(1).Staleness.Mean, schedule.Of(1).Staleness.Max));
    }

    // One update makes a model. At 2 s nodes 0 and 1 are done at once: the lower rank comes first. Node 1 began with
    // model 0, and the server has made two since.
    [Fact]
    public void Every_update_by_hand_and_ties_go_by_rank()
    {
        var schedule = new ServerSchedule(Schedules.Nodes(5, 1, 2, 3.5), 1, 0);

        Assert.Equal([[(0, 1, 0)], [(0, 2, 0)], [(1, 2, 2)], [(0, 3, 1)], [(2, 3.5, 4)]],
            Schedules.Rounds(schedule, 5));
        Assert.Equal([[0], [0], [1], [0]], Enumerable.Range(0, 4).Select(r => schedule.Of(r).Begun));
    }

    // One at a time, a second each, two a model: never the same node twice for one model, and nothing gets stale.
    [Fact]
    public void With_one_place_nodes_take_turns()
    {
        var schedule = new ServerSchedule(Schedules.Nodes(20, 1, 1, 1), 2, 1);

        for (var round = 0; round < 20; round++)
        {
            var now = schedule.Of(round);
            Assert.Equal(2 * (round + 1), now.Seconds);
            Assert.Equal(2, now.Finishes.Select(f => f.Node).Distinct().Count());
            Assert.Equal(0, now.Staleness.Max);
        }
        Assert.Equal([0, 1, 2],
            Enumerable.Range(0, 20).SelectMany(r => schedule.Of(r).Finishes).Select(f => f.Node).Distinct().Order());
    }

    // Node 1 is there from 10 s on: it begins then, with the model of then. Node 0 makes one each second; the tenth
    // comes before node 1 begins, being of the lower rank.
    [Fact]
    public void A_node_that_is_away_begins_when_it_is_back()
    {
        var away = new AvailabilityTrace(new AvailabilityTrace.Options { Times = [[1, 10, 100]] });
        var schedule = new ServerSchedule(Schedules.Nodes(12, away, 1, 1.5), 1, 0);

        var first = Enumerable.Range(0, 12).Select(schedule.Of).First(r => r.Trains(1));
        Assert.Equal((11.5, 1), (first.Seconds, first.Finishes[0].Staleness));
        Assert.Contains(1, schedule.Of(9).Begun);
    }

    [Fact]
    public void The_order_of_queries_does_not_change_the_schedule()
    {
        var (one, other) = (new ServerSchedule(Schedules.Nodes(30, 1, 2, 3.5), 2, 2),
            new ServerSchedule(Schedules.Nodes(30, 1, 2, 3.5), 2, 2));

        other.Of(20);

        Assert.Equal(Schedules.Rounds(one, 30), Schedules.Rounds(other, 30));
    }
}
