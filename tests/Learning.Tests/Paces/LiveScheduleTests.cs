using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Schedules;
using Xunit;

namespace Orleans.FL.Learning.Tests.Paces;

/// <summary>Rounds made of arrivals, by hand.</summary>
public class LiveScheduleTests
{
    // All four begin. Nodes 2 and 0 make model 1 and begin anew with it; node 3, which came meanwhile, waits for
    // another; node 2 comes again, and both make model 2.
    [Fact]
    public void A_server_takes_the_first_that_come()
    {
        var live = LiveServerSchedule.Of(Nodes(4), 2, 0);
        Assert.Equal([(0, 0), (1, 0), (2, 0), (3, 0)], live.Start());
        Assert.Empty(live.Start());

        foreach (var node in new[] { 2, 0, 3 }) live.Arrive(node, 0);
        Assert.Equal("2 since 0, 0 since 0; 0 2 begin", Words(live.Make()));
        Assert.Equal([(2, 1), (0, 1)], live.Start().OrderByDescending(s => s.Node));
        Assert.Equal(1, live.Arrived);

        live.Arrive(2, 0); // the same arrival again
        Assert.Equal(1, live.Arrived);
        live.Arrive(2, 1);
        live.Arrive(2, 1);
        Assert.Equal("3 since 0, 2 since 1; 2 3 begin", Words(live.Make()));
        Assert.Throws<InvalidOperationException>(() => live.Make());
    }

    // Two of three places of five nodes make a model; those that get the places after it were not under way.
    [Fact]
    public void Places_go_to_others_with_the_next_model()
    {
        var live = LiveServerSchedule.Of(Nodes(5), 2, 3);
        var first = live.Start().Select(s => s.Node).ToArray();
        Assert.Equal(3, first.Length);

        live.Arrive(first[0], 0);
        Assert.Empty(live.Start());
        live.Arrive(first[2], 0);

        var (arrived, begun) = live.Make();
        Assert.Equal([first[0], first[2]], arrived.Select(a => a.Node));
        Assert.Equal(2, begun.Count);
        Assert.DoesNotContain(first[1], begun);
        Assert.Equal(begun.Select(n => (n, 1)), live.Start().OrderBy(s => s.Node));
    }

    [Fact]
    public void Nodes_without_samples_never_train_and_the_buffer_is_no_larger_than_the_rest()
    {
        var live = LiveServerSchedule.Of(new LiveNodes([0, 1, 2], new Seeds(1)) { Samples = n => n }, 10, 0);

        Assert.Equal([(1, 0), (2, 0)], live.Start());
        Assert.Equal(2, live.Needed);
    }

    [Fact]
    public void Without_a_server_all_that_are_there_make_a_round_and_go_on()
    {
        var live = new LiveNeighbourSchedule(Nodes(3));
        Assert.Equal(3, live.Start().Count);

        live.Arrive(1, 0);
        live.Arrive(0, 0);
        Assert.Equal("1 since 0, 0 since 0; 1 0 begin", Words(live.Make()));
        Assert.Equal([(0, 1), (1, 1)], live.Start().Order());
        live.Arrive(2, 0);
        Assert.Equal("2 since 0; 2 begin", Words(live.Make()));
    }

    // A schedule that was shown the rounds goes on as the one that made them, except that nodes whose training was
    // under way begin it again.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Shown_what_happened_another_one_goes_on(bool hasServer)
    {
        LiveSchedule Fresh() => hasServer ? LiveServerSchedule.Of(Nodes(6), 2, 4) : new LiveNeighbourSchedule(Nodes(6));
        var (live, schedule, under) = (Fresh(), new ArrivalSchedule([0, 1, 2, 3, 4, 5], hasServer, 40),
            new Dictionary<int, int>());
        var random = new Seeds(3).Stream("test");
        for (var round = 0; round < 30; round++)
        {
            foreach (var (node, began) in live.Start()) under[node] = began;
            var after = Fresh();
            for (var r = 0; r < round; r++) after.Show(schedule.Of(r));
            Assert.Equal(under.Select(u => (u.Key, u.Value)).Order(), after.Start().Order());
            while (live.Arrived < live.Needed)
            {
                var node = under.Keys.ElementAt(random.NextInt(under.Count));
                live.Arrive(node, under[node]);
            }
            var (arrived, begun) = live.Make();
            foreach (var (node, _) in arrived) under.Remove(node);
            schedule.Announce(round, schedule.Make(round, arrived, begun));
        }
    }

    [Fact]
    public void What_was_reported_of_later_rounds_counts_no_more()
    {
        var schedule = new ArrivalSchedule([0, 1], true, 3);
        schedule.Announce(0, schedule.Make(0, [(0, 0)], [0]));
        schedule.Announce(1, schedule.Make(1, [(1, 0)], [1]));
        schedule.Announce(2, schedule.Make(2, [(1, 2)], []));

        Assert.Equal((1, 0), (schedule.Of(1).Finishes[0].Staleness, schedule.Of(1).Finishes[0].Trainings));
        Assert.Equal((0, 1), (schedule.Of(2).Finishes[0].Staleness, schedule.Of(2).Finishes[0].Trainings));
        Assert.Equal([0, 1], schedule.Of(2).Begun); // after the last round all receive the model

        schedule.Announce(1, schedule.Make(1, [(1, 0)], [1]));
        Assert.Equal(2, schedule.Of(2).Finishes[0].Began); // the same again changes nothing
        schedule.Announce(1, schedule.Make(1, [(0, 1)], [0]));
        Assert.Equal(1, schedule.Of(1).Finishes[0].Trainings);
        Assert.Throws<InvalidOperationException>(() => schedule.Of(2));
    }

    private static LiveNodes Nodes(int count) =>
        new([.. Enumerable.Range(0, count)], new Seeds(1)) { Samples = _ => 1 };

    private static string Words((IReadOnlyList<(int Node, int Began)> Arrived, IReadOnlyList<int> Begun) made) =>
        $"{string.Join(", ", made.Arrived.Select(a => $"{a.Node} since {a.Began}"))}; "
            + $"{string.Join(' ', made.Begun)} begin";
}
