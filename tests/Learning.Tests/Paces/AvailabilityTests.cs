using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Clocks;
using Xunit;

namespace Orleans.FL.Learning.Tests.Paces;

public class AvailabilityTests
{
    // There from 0 to 10 and from 20 to 30 of each 40 s, which another node's entry makes.
    [Fact]
    public void A_trace_by_hand_begins_again_after_its_last_end()
    {
        var trace = new AvailabilityTrace(
            new AvailabilityTrace.Options { Times = [[0, 20, 30], [0, 0, 10], [1, 5, 40]] });
        var next = trace.Of(0, new Seeds(1));

        Assert.Equal([5, 20, 25, 40, 41, 60, 80], new double[] { 5, 10, 25, 30, 41, 50, 70 }.Select(next));
        Assert.Equal(12, trace.Of(2, new Seeds(1))(12)); // it has no entry
    }

    // On and off with means of 30 and 10 s: a node is there three quarters of the time.
    [Fact]
    public void Nodes_that_come_and_go_are_there_their_share_of_the_time()
    {
        var next = new OnOff(new OnOff.Options { On = 30, Off = 10 }).Of(4, new Seeds(1));

        var there = Enumerable.Range(0, 200_000).Count(t => next(t) == t);
        Assert.Equal(0.75, there / 200_000.0, 0.02);
    }
}
