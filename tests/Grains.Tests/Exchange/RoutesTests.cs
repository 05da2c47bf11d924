using Orleans.FL.Grains.Placement;
using Orleans.FL.Learning.Aggregators;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

public class RoutesTests
{
    private static readonly Dictionary<string, int> Nobody = [];

    // Nodes 0, 3, 6 … sit on a, where the receiver is; 1, 4, 7 … on b; 2, 5, 8 … on c.
    private static string SiloOf(int node) => $"{(char)('a' + node % 3)}";

    [Fact]
    public void Where_each_update_is_wanted_each_travels_alone_in_the_rows_order() =>
        Assert.Equal(["a ByReference 0", "b InChunks 1", "c InChunks 2", "a ByReference 3"],
            Of([0, 1, 2, 3], sums: false, Nobody));

    [Fact]
    public void Two_nodes_of_another_silo_come_as_its_sum_and_one_as_it_is() =>
        Assert.Equal(["a ByReference 0 3", "b PartialSum 1 4", "c InChunks 2"],
            Of([0, 1, 2, 3, 4], sums: true, Nobody));

    [Fact]
    public void One_sender_alone_is_never_summed() => Assert.Equal(["b InChunks 1"], Of([1], sums: true, Nobody));

    [Fact]
    public void Where_silos_sum_as_nodes_end_the_sum_is_asked_for_however_many_are_left_in_the_row() =>
        Assert.Equal(["a RunningSum 0", "b PartialSum 1", "c InChunks 2"],
            Of([0, 1, 2], sums: true, new() { ["a"] = 9, ["b"] = 8 }));

    [Fact]
    public void One_sender_that_may_be_in_a_running_sum_is_looked_for_there() =>
        Assert.Equal(["b PartialSum 1"], Of([1], sums: true, new() { ["b"] = 8 }));

    [Fact]
    public void Silos_do_not_sum_what_is_wanted_one_by_one() =>
        Assert.Equal(["a ByReference 0", "a ByReference 3"], Of([0, 3], sums: false, new() { ["a"] = 9 }));

    [Theory]
    [InlineData(8, 1, true)]
    [InlineData(7, 1, false)] // eight a silo
    [InlineData(8, 2, true)]
    [InlineData(8, 3, false)] // four a lane
    [InlineData(12, 3, true)]
    [InlineData(0, 0, false)]
    public void Lanes_sum_what_they_train_from_eight_nodes_a_silo_and_four_a_lane_on(
        int nodes, int lanes, bool streams) =>
        Assert.Equal(streams, Routes.Streams(nodes, lanes));

    [Theory]
    [InlineData(Sight.CoordinateBlocks, 2, 1, true)]
    [InlineData(Sight.Distances, 5, 5, true)]
    [InlineData(Sight.Distances, 4, 5, false)] // too few for the aggregator: the receiver says so
    [InlineData(Sight.CoordinateBlocks, 1, 1, false)]
    [InlineData(Sight.Sums, 5, 1, false)]
    [InlineData(Sight.Updates, 5, 1, false)]
    public void Silos_share_the_blocks_of_rows_whose_aggregator_looks_at_blocks(
        Sight sight, int senders, int fewest, bool blocks) =>
        Assert.Equal(blocks, Routes.Blocks(
            [.. Enumerable.Range(0, senders).Select(n => (n, 1.0))], sight, fewest, SiloOf, "a"));

    [Fact]
    public void A_row_of_one_silo_is_aggregated_where_it_is() =>
        Assert.False(Routes.Blocks([(0, 1), (3, 1)], Sight.CoordinateBlocks, 1, SiloOf, "a"));

    private static IEnumerable<string> Of(int[] row, bool sums, Dictionary<string, int> streaming) =>
        Routes.Of([.. row.Select(n => (n, n + 0.5))], sums, streaming, SiloOf, "a").Select(r =>
        {
            Assert.All(r.Nodes, n => Assert.Equal(n.Node + 0.5, n.Weight));
            return $"{r.Silo} {r.Route} {string.Join(' ', r.Nodes.Select(n => n.Node))}";
        });
}
