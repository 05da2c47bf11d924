using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>What is summed as it ends is what was sent, whole and once.</summary>
public class RunningSumsTests
{
    private const int Length = 40;

    private static readonly SumStep Step = new("run", 2, 5);

    private readonly RunningSums _sums = new();

    [Fact]
    public void Lanes_together_give_the_bits_of_the_mean()
    {
        for (var node = 0; node < 23; node++) Assert.True(Add(node, lane: node % 3));

        var taken = _sums.Take(Step, Wanted(23))!;

        Assert.Equal(["weights", "control"], taken.Parts);
        Assert.Equal(Enumerable.Range(0, 23), taken.Nodes.Order());
        Assert.Equal(ExactSum.WeightedMean([.. Enumerable.Range(0, 23).Select(n => (Vector(n), n + 1.0))]),
            taken.PartOf(0, Length).Mean());
        Assert.Equal(ExactSum.WeightedMean([.. Enumerable.Range(0, 23).Select(n => (Vector(-n), n + 1.0))]),
            taken.PartOf(1, Length).Mean());
        // a repeated call
        Assert.Equal(taken.PartOf(0, Length).Mean(), _sums.Take(Step, Wanted(23))!.PartOf(0, Length).Mean());
    }

    [Fact]
    public void A_node_that_ends_after_the_sum_was_wanted_keeps_its_update()
    {
        Add(0);
        _sums.Take(Step, Wanted(1));

        var late = Vector(1);
        Assert.False(_sums.Add(Step, 0, 1, 2, Sent(late), given: true));

        Assert.False(_sums.Holds(Step, 1));
        Assert.Equal(Vector(1), late);
    }

    [Fact]
    public void A_node_is_in_it_once()
    {
        Assert.True(Add(0));
        Assert.False(Add(0));

        Assert.Equal(1, _sums.Take(Step, Wanted(1))!.Sums[0].Terms);
    }

    [Fact]
    public void A_sum_with_a_node_that_counts_as_absent_is_refused()
    {
        Add(0);
        Add(1);

        Assert.Contains("Node 1", Assert.Throws<StateLostException>(() => _sums.Take(Step, Wanted(1))).Message);
    }

    [Fact]
    public void Only_what_was_given_is_taken_back()
    {
        var (given, kept) = (Vector(0), Vector(1));
        _sums.Add(Step, 0, 0, 1, Sent(given), given: true);
        _sums.Add(Step, 0, 1, 1, Sent(kept), given: false);
        for (var node = 2; node < 4; node++) Add(node);

        Assert.Throws<InvalidOperationException>(() => given.Span[0]);
        Assert.Equal(Vector(1), kept);
    }

    [Fact]
    public void The_next_round_begins_with_nothing()
    {
        Add(0);
        _sums.Take(Step, Wanted(1));
        var next = Step with { Round = 6 };
        _sums.Add(next, 0, 7, 3, Sent(Vector(7)), given: true);

        Assert.Null(_sums.Take(Step, Wanted(1)));
        var taken = _sums.Take(next, [(7, 3)])!;
        Assert.Equal([7], taken.Nodes);
        Assert.Equal(Vector(7), taken.PartOf(0, Length).Mean());
        Assert.False(_sums.Add(Step, 0, 8, 1, Sent(Vector(8)), given: true)); // of the past
    }

    [Fact]
    public void Vectors_that_diverged_are_reported_when_the_sum_is_wanted()
    {
        for (var node = 0; node < 4; node++) Add(node);
        var worse = new Update(Vector(9), new Dictionary<string, ParameterVector>
        {
            ["control"] = ParameterVector.Own([.. Enumerable.Repeat(float.NaN, Length)])
        });
        Assert.True(_sums.Add(Step, 0, 4, 1, worse, given: true));

        Assert.Throws<NotSummableException>(() => _sums.Take(Step, [.. Wanted(4), (4, 1.0)]));
        Assert.Throws<NotSummableException>(() => _sums.Take(Step, [.. Wanted(4), (4, 1.0)]));
    }

    [Fact]
    public void Another_shape_than_was_declared_is_refused()
    {
        Add(0);

        Assert.Throws<InvalidDataException>(() => _sums.Take(Step, Wanted(1))!.PartOf(0, Length + 1));
        Assert.Throws<InvalidDataException>(() => _sums.Take(Step, Wanted(1))!.PartOf(2, Length));
    }

    private bool Add(int node, int lane = 0) =>
        _sums.Add(Step, lane, node, node + 1, Sent(Vector(node), Vector(-node)), given: true);

    private static IEnumerable<(int, double)> Wanted(int nodes) => Enumerable.Range(0, nodes).Select(n => (n, n + 1.0));

    private static Update Sent(ParameterVector weights, ParameterVector? control = null) =>
        new(weights, new Dictionary<string, ParameterVector> { ["control"] = control ?? Vector(0) });

    private static ParameterVector Vector(int salt) =>
        ParameterVector.Own([.. Enumerable.Range(0, Length).Select(i => (i * 13 + salt * 7) % 31 / 3f)]);
}
