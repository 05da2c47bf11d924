using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Learning.Tests.Aggregators;

public class AggregatorTests
{
    // (1+0+1+2+1+2+10)/7 = 17/7, (0+1+1+1+2+2−10)/7 = −3/7
    [Fact]
    public void The_mean_follows_one_bad_update() =>
        Near([17f / 7, -3f / 7], new WeightedMean().Aggregate(Rows.Of(Rows.Seven)));

    // first values 0 1 1 1 2 2 10, second ones −10 0 1 1 1 2 2
    [Fact]
    public void The_median_of_an_odd_number_is_the_middle_value() =>
        Near([1, 1], new CoordinateMedian().Aggregate(Rows.Of(Rows.Seven)));

    // 0 1 | 4 9 → (1 + 4)/2 in the first value; −3 2 | 2 7 → 2 in the second
    [Fact]
    public void The_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() =>
        Near([2.5f, 2], new CoordinateMedian().Aggregate(Rows.Of([[9, 2], [0, -3], [4, 7], [1, 2]])));

    // n = 7, f = 1: the sums of the 4 smallest squared distances are 9 9 4 6 6 9 776
    [Theory]
    [InlineData(1, 1f, 1f)] // rank 2
    [InlineData(3, 4f / 3, 4f / 3)] // ranks 2, 3, 4
    [InlineData(6, 7f / 6, 7f / 6)] // all but the last
    public void Krum_takes_the_updates_that_are_nearest_to_the_others(int m, float first, float second) =>
        Near([first, second], new Krum(new Krum.Options { F = 1, M = m }).Aggregate(Rows.Of(Rows.Seven)));

    // Equal updates have equal scores: the lower rank counts, and is given as it is.
    [Fact]
    public void At_equal_scores_krum_takes_the_lower_rank()
    {
        var row = Rows.Of([[5, 5], [0, 0], [0, 0], [0, 0], [0, 0]]);

        Assert.Same(row[1].Update.Weights, new Krum(new Krum.Options()).Over(row)(u => u.Weights));
    }

    [Theory]
    [InlineData(0, 1, 3)]
    [InlineData(1, 1, 5)]
    [InlineData(2, 1, 7)]
    [InlineData(2, 6, 8)] // f + m
    public void Krum_needs_2f_plus_3_updates(int f, int m, int fewest) =>
        Assert.Equal(fewest, new Krum(new Krum.Options { F = f, M = m }).Fewest);

    // Auxiliary vectors go by the weights that the updates' weights were given: rank 2 is chosen.
    [Fact]
    public void Krum_takes_the_auxiliary_vectors_of_the_updates_that_it_chose()
    {
        var row = Rows.Of(Rows.Seven).Select(r => r with
        {
            Update = r.Update with
            {
                AuxiliaryVectors = new Dictionary<string, ParameterVector> { ["rank"] = ParameterVector.Own([r.Node]) }
            },
        }).ToArray();

        Assert.Equal([2f], new Krum(new Krum.Options()).Over(row)(u => u.AuxiliaryVectors["rank"]).Span.ToArray());
    }

    // (1,0) and (10,−10): 81 + 100; and over more values than a block and a processor's width: 5003 times 2²
    [Fact]
    public void Squared_distances_are_those_of_each_pair()
    {
        Assert.Equal(181,
            SquaredDistances.Between([ParameterVector.Own([1, 0]), ParameterVector.Own([10, -10])])[1, 0]);
        var twos = ParameterVector.Own([.. Enumerable.Repeat(2f, 5003)]);
        Assert.Equal(4 * 5003, SquaredDistances.Between([ParameterVector.Zeros(5003), twos])[0, 1]);
    }

    // Three segments of 65,536, 65,536 and 100 values, which differ by 1, 2 and 3: 65,536 + 4·65,536 + 900
    [Fact]
    public void Distances_are_those_of_the_segments_one_after_another()
    {
        float[] steps =
            [.. Enumerable.Repeat(1f, 65_536), .. Enumerable.Repeat(2f, 65_536), .. Enumerable.Repeat(3f, 100)];
        var distances = new SquaredDistances(2);
        foreach (var (start, end) in ((int, int)[])[(0, 65_536), (65_536, 131_072), (131_072, 131_172)])
        {
            var segment = new SegmentDistances(2);
            segment.Add([new float[end - start], steps.AsMemory(start..end)]);
            distances.Add(segment.Pairs);
        }

        Assert.Equal(65_536 + 4 * 65_536 + 900, distances[1, 0]);
        Assert.Equal(distances[0, 1], SquaredDistances.Between(
            [ParameterVector.Zeros(steps.Length), ParameterVector.Own(steps)])[0, 1]);
        Assert.Equal(0, distances[1, 1]);
    }

    // A block of values read alone gives the values of the whole.
    [Fact]
    public void A_median_may_be_taken_block_by_block()
    {
        float[][] updates = Rows.Random(6, 9000);
        var (whole, piece) = (new CoordinateMedian().Aggregate(Rows.Of(updates)), new float[1234]);

        new CoordinateMedian().CombineBlock([.. updates.Select(u => u.AsMemory(5000, 1234))], piece);

        Assert.Equal(whole[5000..6234], piece);
    }

    public static TheoryData<string> All => [.. Catalog<Aggregator>.All.Select(c => c.Name)];

    // Random updates of more values than a block holds; the model has the same bits in any order of ranks.
    [Theory]
    [MemberData(nameof(All))]
    public void The_order_of_the_updates_does_not_change_a_bit(string name)
    {
        var (aggregator, updates) = (Catalog<Aggregator>.Create(name, null), Rows.Random(7, 5000));
        var expected = aggregator.Aggregate(Rows.Of(updates));

        Assert.Equal(updates[0].Length, expected.Length);
        foreach (var order in (int[][])[[6, 5, 4, 3, 2, 1, 0], [3, 1, 4, 0, 5, 2, 6], [1, 2, 3, 4, 5, 6, 0]])
            Assert.Equal(expected, aggregator.Aggregate(Rows.Of(order.Select(i => updates[i]))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Equal_updates_give_what_each_of_them_is(string name)
    {
        var update = Rows.Random(1, 100)[0];

        Assert.Equal(update, Catalog<Aggregator>.Create(name, null).Aggregate(Rows.Of(Enumerable.Repeat(update, 7))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Adding_a_vector_to_all_updates_adds_it_to_the_model(string name)
    {
        var (aggregator, updates) = (Catalog<Aggregator>.Create(name, null), Rows.Random(7, 20));

        var moved = aggregator.Aggregate(Rows.Of(updates.Select(u => u.Select(v => v + 3).ToArray())));

        foreach (var (before, after) in aggregator.Aggregate(Rows.Of(updates)).Zip(moved))
            Assert.Equal(before + 3, after, 1e-5);
    }

    [Fact]
    public void The_weighted_mean_has_the_bits_of_the_means_without_an_aggregator()
    {
        ReceivedUpdate[] row = [.. Rows.Of(Rows.Random(9, 5000)).Select(r => r with { Weight = 1 + r.Node / 7.0 })];

        Assert.Equal(ReceivedUpdates.Of(row).Mean(), new WeightedMean().Over(row)(u => u.Weights));
    }

    private static void Near(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual)) Assert.Equal(e, a, 1e-6);
    }
}
