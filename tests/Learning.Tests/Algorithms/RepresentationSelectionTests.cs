using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>How many partners are chosen, when, and by which place among the most similar.</summary>
public class RepresentationSelectionTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("\"selection\":\"highest\",\"roundsPerSelection\":9", 1)]
    [InlineData("\"selection\":\"top\",\"topSize\":3,\"roundsPerSelection\":9", 1)]
    [InlineData("\"selection\":\"epsilon-greedy\",\"epsilon\":1", 2)]
    [InlineData("\"selection\":\"sampling\"", 2)]
    [InlineData("\"selection\":\"exponential\",\"temperature\":1000", 2)]
    public async Task Partners_are_kept_or_drawn_anew(string selection, int atLeast)
    {
        var run = new ToyRun("topology=fully-connected",
            $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"cka\",\"partners\":1,{selection}}}");
        await using var lanes = new TrainingLanes(1);
        var seen = new HashSet<float>();
        for (var round = 0; round < 8; round++)
        {
            await run.Round(lanes, round);
            seen.Add(run.Learners[0].Numbers("representation.partners")!.Span[0]);
        }

        Assert.True(atLeast == 1 ? seen.Count == 1 : seen.Count >= atLeast);
    }

    // Of five others, by place: the second and third; the last two where fewer come after; the lowest where a cold
    // lower-exponential draws; the two highest of a top that grows to three in the third round only.
    [Theory(Timeout = 60_000)]
    [InlineData("\"selection\":\"place\",\"place\":2", new[] { 1, 2 })]
    [InlineData("\"selection\":\"place\",\"place\":5", new[] { 3, 4 })]
    [InlineData("\"selection\":\"lower-exponential\",\"temperature\":1e-9", new[] { 3, 4 })]
    [InlineData("\"selection\":\"lowest\"", new[] { 3, 4 })]
    [InlineData("\"selection\":\"top\",\"topSize\":2,\"topGrowth\":0.4", new[] { 0, 1 })]
    public async Task Partners_have_their_places(string selection, int[] places)
    {
        foreach (var chosen in (await Places(selection, 2, 2)).SelectMany(round => round))
            Assert.Equal(places, chosen.Order());
    }

    // Place p of five is drawn by 5 − p, by p + 1, or alike: on average place 20/15, 40/15 or 2, each within 0.6. A
    // top that grows by one a round has all five after three.
    [Theory(Timeout = 60_000)]
    [InlineData("\"selection\":\"linear\"", 20 / 15.0)]
    [InlineData("\"selection\":\"lower-linear\"", 40 / 15.0)]
    [InlineData("\"selection\":\"uniform\"", 2)]
    [InlineData("\"selection\":\"top\",\"topSize\":2,\"topGrowth\":9", 2)]
    public async Task Partners_are_drawn_by_place(string selection, double mean)
    {
        var places = (await Places(selection, 1, 8)).Skip(1).SelectMany(round => round)
            .SelectMany(chosen => chosen).ToList();

        Assert.InRange(places.Average(), mean - 0.6, mean + 0.6);
        Assert.Equal(5, places.Distinct().Count());
    }

    // Two rounds alone, then two partners, though partners are chosen every ninth round only.
    [Fact(Timeout = 60_000)]
    public async Task In_the_first_rounds_there_are_other_numbers_of_partners()
    {
        var run = new ToyRun("topology=fully-connected",
            "algorithm={\"name\":\"feddatarepr\",\"firstRounds\":2,\"roundsPerSelection\":9}");
        var one = new ToyRun("topology=fully-connected",
            "algorithm={\"name\":\"feddatarepr\",\"firstRounds\":1,\"firstPartners\":1,\"roundsPerSelection\":9}");
        await using var lanes = new TrainingLanes(1);
        var (sent, partners) = (new ParameterVector[6], new List<int>());
        for (var round = 0; round < 3; round++)
        {
            await run.Round(lanes, round, (node, _, update) => sent[node] = update.Weights);
            await one.Round(lanes, round);
            Assert.Equal(round < 2, run.Learners.All(me => me.Weights.Equals(sent[me.Index])));
            Assert.Equal(round < 2 ? null : 2, run.Learners[3].Numbers("representation.partners")?.Length);
            partners.Add(one.Learners[3].Numbers("representation.partners")!.Length);
        }

        Assert.Equal([1, 2, 2], partners);
    }

    [Fact]
    public void More_partners_in_the_first_rounds_than_there_are_others_are_refused() => Assert.Contains(
        "set firstPartners to 5 or less", Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment(
            "algorithm={\"name\":\"feddatarepr\",\"firstRounds\":1,\"firstPartners\":6}")).Errors).Message);

    /// <summary>By round and node, the places of its partners among the others, 0 = the most similar.</summary>
    private static async Task<List<int[][]>> Places(string selection, int partners, int rounds)
    {
        var run = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"metric\":\"cka\","
            + $"\"runningAverage\":1,\"partners\":{partners},{selection}}}");
        await using var lanes = new TrainingLanes(1);
        var places = new List<int[][]>();
        for (var round = 0; round < rounds; round++)
        {
            await run.Round(lanes, round);
            places.Add([.. run.Learners.Select(me =>
            {
                var row = me.Numbers("representation.history")!.Span.ToArray();
                var others = Enumerable.Range(0, 6).Where(j => j != me.Index).OrderByDescending(j => row[j]).ToList();
                return me.Numbers("representation.partners")!.Span.ToArray()
                    .Select(j => others.IndexOf((int)j)).ToArray();
            })]);
        }
        return places;
    }
}
