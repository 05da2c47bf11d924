using Orleans.FL.Learning.Paces.Schedules;
using Xunit;

namespace Orleans.FL.Learning.Tests.Paces;

public class WaitFreeScheduleTests
{
    // A line 0 – 1 – 2 whose trainings take 1, 2.5 and 1.2 s. Ends: 0 at 1, 2, 3; 2 at 1.2, 2.4; 1 at 2.5. Node 0's
    // second ends the first round; node 1 at 2.5 s ends the second, for node 0, which receives from it, mixed at 2 s;
    // node 0 at 3 s ends the third.
    [Fact]
    public void Rounds_by_hand()
    {
        var schedule = new WaitFreeSchedule(Schedules.Nodes(3, 1, 2.5, 1.2), _ => true);

        Assert.Equal([[(0, 1, null), (2, 1.2, null)], [(0, 2, null), (2, 2.4, null)], [(1, 2.5, null)]],
            Schedules.Rounds(schedule, 3));
    }

    // A node that does not mix receives from nobody: node 1's first training excludes no node from its round.
    [Fact]
    public void A_node_that_does_not_mix_cuts_no_round()
    {
        var schedule = new WaitFreeSchedule(Schedules.Nodes(3, 1, 2.5, 1.2), trainings => trainings % 2 == 1);

        Assert.Equal([0, 2], schedule.Of(0).Finishes.Select(f => f.Node));
        Assert.Equal([0, 2], schedule.Of(1).Finishes.Select(f => f.Node));
        Assert.Equal([1, 0, 2], schedule.Of(2).Finishes.Select(f => f.Node));
    }

    [Fact]
    public void Equal_nodes_make_synchronous_rounds()
    {
        var schedule = new WaitFreeSchedule(Schedules.Nodes(3, 2, 2, 2), _ => true);

        Assert.Equal([[(0, 2, null), (1, 2, null), (2, 2, null)], [(0, 4, null), (1, 4, null), (2, 4, null)]],
            Schedules.Rounds(schedule, 2));
    }

    // However the rounds are cut, they are one sequence in the order of (time, rank), and no node receives from one
    // that mixes later in the same round.
    [Fact]
    public void Rounds_are_pieces_of_one_order()
    {
        var nodes = Schedules.Nodes(200, 1, 1.1, 0.7, 1.3, 2.2, 0.9);
        var schedule = new WaitFreeSchedule(nodes, _ => true);

        var rounds = Enumerable.Range(0, 200).Select(r => schedule.Of(r).Finishes).ToList();
        var all = rounds.SelectMany(r => r).ToList();
        Assert.Equal(all.OrderBy(f => f.Seconds).ThenBy(f => f.Node), all);
        Assert.All(rounds, r => Assert.DoesNotContain(r,
            b => r.Any(a => a.Seconds < b.Seconds && nodes.Receivers(b.Node).Contains(a.Node))));
    }
}
