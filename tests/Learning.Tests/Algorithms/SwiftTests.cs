using Orleans.FL.Learning.Algorithms.Asynchronous;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class SwiftTests
{
    // 0 joined to 1, 2 and 3, 1 to 2, 3 to 4: degrees 3, 2, 2, 2, 1. Node 0 gives ¼ each. Of 1 and 2, each with ¾ left
    // for itself and the other, both say ⅜. Node 3 has ¾ left for itself and 4: ⅜. Own weights: ¼, ⅜, ⅜, ⅜, ⅝.
    [Fact]
    public void Weights_by_hand()
    {
        var weights = Swift.Selection(
            new Dictionary<int, List<int>> { [0] = [1, 2, 3], [1] = [0, 2], [2] = [0, 1], [3] = [0, 4], [4] = [3] });

        Assert.Equal(5, weights.Count);
        Assert.Equal([0.25, 0.25, 0.25, 0.375, 0.375],
            new[] { (0, 1), (0, 2), (0, 3), (1, 2), (3, 4) }.Select(e => weights[e]));
    }

    // 0 with 1, 2, 3 and 4 gives ⅕ each; 4 – 5 – 6, where 4 and 5 have degree 2. 4 says (1 − ⅕)/2 = 0.4, 5 says ⅓,
    // which is less, and what it gives 6.
    [Fact]
    public void Two_of_the_same_degree_take_the_smaller_part()
    {
        var weights = Swift.Selection(new Dictionary<int, List<int>>
        {
            [0] = [1, 2, 3, 4],
            [1] = [0],
            [2] = [0],
            [3] = [0],
            [4] = [0, 5],
            [5] = [4, 6],
            [6] = [5]
        });

        Assert.Equal(0.2, weights[(0, 4)]);
        Assert.Equal(1.0 / 3, weights[(4, 5)]);
        Assert.Equal(1.0 / 3, weights[(5, 6)]);
    }

    // Star of 4, all of ¼: the server takes the mean 3 of 4, 0, 8, 0; leaf 2 keeps ¾: ¾·8 + ¼·4 = 7. In the first round
    // of two no node receives.
    [Fact]
    public void It_mixes_every_second_round()
    {
        var run = new ToyRun("nodes=4", "algorithm={\"name\":\"swift\",\"interval\":2}");
        foreach (var (node, by) in new[] { 4f, 0, 8, 0 }.Index()) run.Train(node, 0, by, 1);

        run.Exchange(0, 0);
        Assert.Equal([4, 0, 8, 0], Enumerable.Range(0, 4).Select(run.Moved));
        run.Exchange(1, 0);
        Assert.Equal([3, 1, 7, 1], Enumerable.Range(0, 4).Select(run.Moved));
    }

    [Theory]
    [InlineData("torus")]
    [InlineData("ring")]
    [InlineData("star")]
    public void Columns_sum_to_one_too(string topology)
    {
        var plan = new ToyRun("algorithm=swift", $"topology={topology}").Plan;

        var rows = Enumerable.Range(0, 6).Select(n => plan.Row(n, 0, 0)).ToList();
        Assert.All(rows, r => Assert.Equal(1, r.Sum(p => p.Weight), 12));
        Assert.All(Enumerable.Range(0, 6),
            n => Assert.Equal(1, rows.Sum(r => r.Where(p => p.Node == n).Sum(p => p.Weight)), 12));
    }
}
