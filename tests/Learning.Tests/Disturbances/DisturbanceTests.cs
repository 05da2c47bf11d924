using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Disturbances;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Disturbances;

public class DisturbanceTests
{
    private const int Nodes = 10_000;

    public static TheoryData<string> All => [.. Catalog<Disturbance>.All.Select(c => c.Name)];

    // Each node is away with the same chance in each round, also in the first: 0.2 ± 4·√(0.2·0.8/10⁴) = 0.016.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    public void A_node_is_away_at_its_rate_from_the_first_round_on(int round)
    {
        var dropout = new MarkovDropout(new MarkovDropout.Options { Rate = 0.2, MeanRounds = 5 });

        Assert.InRange(Enumerable.Range(0, Nodes).Count(n => dropout.IsAway(round, Streams(n))) / (double)Nodes,
            0.184, 0.216);
    }

    // Who is away stays away with chance 1 − 1/5 = 0.8; of some 2,000 nodes ± 4·√(0.8·0.2/2000) = 0.036.
    [Fact]
    public void An_outage_lasts_as_long_as_was_asked_for_on_average()
    {
        var dropout = new MarkovDropout(new MarkovDropout.Options { Rate = 0.2, MeanRounds = 5 });

        var away = Enumerable.Range(0, Nodes).Where(n => dropout.IsAway(7, Streams(n))).ToList();

        Assert.InRange(away.Count(n => dropout.IsAway(8, Streams(n))) / (double)away.Count, 0.764, 0.836);
    }

    [Fact]
    public void At_rate_0_nobody_is_away()
    {
        var dropout = new MarkovDropout(new MarkovDropout.Options { Rate = 0 });

        Assert.DoesNotContain(Enumerable.Range(0, 200), n => dropout.IsAway(n, Streams(n)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Whichever_round_is_asked_first_the_answer_is_the_same(string name)
    {
        var disturbance = Catalog<Disturbance>.Create(name, null);
        var rounds = Enumerable.Range(0, 200).ToList();

        var forth = rounds.Select(r => disturbance.IsAway(r, Streams(1))).ToList();
        var back = rounds.AsEnumerable().Reverse().Select(r => disturbance.IsAway(r, Streams(1))).Reverse();

        Assert.Equal(forth, back);
        Assert.Contains(true, forth);
        Assert.Contains(false, forth);
    }

    private static NodeStreams Streams(int node) => new(new Seeds(3), "test", node);
}
