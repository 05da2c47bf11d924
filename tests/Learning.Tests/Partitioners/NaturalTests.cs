using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Learning.Tests.Partitioners;

public sealed class NaturalTests
{
    // Users a, b, c, d have the training samples {0, 4}, {1, 5}, {2}, {3} and the test samples {1}, {}, {0}, {2}.
    private static readonly PartitionRequest Data = new(new int[6], new int[3], 1, 4, new Seeds(1))
    {
        Users = ["a", "b", "c", "d"],
        TrainUsers = [0, 1, 2, 3, 0, 1],
        TestUsers = [2, 0, 3],
    };

    [Fact]
    public void With_as_many_nodes_as_users_each_node_is_a_user()
    {
        var partition = new Natural(new()).Split(Data);

        Assert.Equal([[0, 4], [1, 5], [2], [3]], partition.Train);
        Assert.Equal([[1], [], [0], [2]], partition.Test);
    }

    [Fact]
    public void With_fewer_nodes_users_are_dealt_in_turns()
    {
        var partition = new Natural(new()).Split(Data with { Nodes = 3 });

        Assert.Equal([[0, 3, 4], [1, 5], [2]], partition.Train);
        Assert.Equal([[1, 2], [], [0]], partition.Test);
    }

    [Fact]
    public void A_node_may_have_a_number_of_users_and_the_others_are_left_out()
    {
        var one = new Natural(new() { UsersPerNode = 1 });
        var drawn = Enumerable.Range(1, 40)
            .Select(seed => one.Split(Data with { Nodes = 2, Seeds = new Seeds(seed) })).ToList();

        int[][] users = [[0, 4], [1, 5], [2], [3]];
        Assert.All(drawn, p => Assert.All(p.Train, samples => Assert.Contains(samples, users)));
        Assert.All(drawn, p => Assert.NotEqual(p.Train[0], p.Train[1]));
        Assert.Equal(4, drawn.Select(p => p.Train[0][0]).Distinct().Count()); // each user is drawn at times
    }

    [Theory]
    [InlineData(5, 0, "5 nodes ask for 5 users, but the data have 4; nodes can be 4 at most")]
    [InlineData(2, 3, "2 nodes ask for 6 users, but the data have 4; nodes can be 1 at most")]
    public void More_users_than_there_are_cannot_be_had(int nodes, int usersPerNode, string reason)
    {
        var e = Assert.Throws<ExperimentException>(
            () => new Natural(new() { UsersPerNode = usersPerNode }).Split(Data with { Nodes = nodes }));

        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_without_users_are_refused_with_the_remedy()
    {
        var e = Assert.Throws<ExperimentException>(() => new Natural(new()).Split(Data with { Users = [] }));

        Assert.Contains("name a column in the dataset's option user", e.Message, StringComparison.Ordinal);
    }
}
