using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class PushSumTests
{
    // Star of 3: the server shares out thirds, a leaf halves. Moves 3, 0, 6. The server gets 1 + 0 + 3 = 4
    // of 1/3 + 1/2 + 1/2 = 4/3: 3. Leaf 1: 1 + 0 of 1/3 + 1/2 = 5/6: 1.2. Leaf 2: 1 + 3 of 5/6: 4.8. Shares:
    // 4/3 + 5/6 + 5/6 = 3.
    [Fact]
    public void A_star_by_hand()
    {
        var run = new ToyRun("nodes=3", "algorithm=push-sum", "topology={\"name\":\"star\",\"mixing\":\"uniform\"}");
        foreach (var (node, by) in new[] { 3f, 0, 6 }.Index()) run.Train(node, 0, by, 1);

        run.Exchange(0, 0);

        Assert.All(run.Moves(0), m => Assert.Equal(3, m, 1e-5));
        Assert.All(run.Moves(1), m => Assert.Equal(1.2, m, 1e-5));
        Assert.All(run.Moves(2), m => Assert.Equal(4.8, m, 1e-5));
        Assert.Equal(3, run.Learners.Sum(me => me.Numbers("push-sum.share")!.Span[0]), 1e-6);
    }

    // However irregular the graph is, all come to the mean, (3 + 0 + 6)/3 = 3; rows of halves and thirds would not
    // (they would weigh the server more).
    [Fact]
    public void All_come_to_the_mean()
    {
        var run = new ToyRun("nodes=3", "algorithm=push-sum", "topology={\"name\":\"star\",\"mixing\":\"uniform\"}");
        for (var round = 0; round < 40; round++)
        {
            foreach (var (node, by) in new[] { 3f, 0, 6 }.Index()) run.Train(node, round, round == 0 ? by : 0, 1);
            run.Exchange(round, 0);
        }

        Assert.All([0, 1, 2], node => Assert.All(run.Moves(node), m => Assert.Equal(3, m, 1e-4)));
    }
}
