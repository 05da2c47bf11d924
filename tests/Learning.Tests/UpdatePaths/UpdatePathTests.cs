using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Attacks;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Filters;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tests.Aggregators;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.UpdatePaths;
using Orleans.FL.Learning.Updates;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.UpdatePaths;

public class UpdatePathTests
{
    private static readonly UpdateShape Shape = new(3, []);

    public static TheoryData<string> AllAttacks => [.. Catalog<Attack>.All.Select(c => c.Name)];

    // Start (0, 0), trained (1, −2): sent (−1, 2), three times as long (−3, 6); the buffer 9 is true.
    [Theory]
    [InlineData(1, -1f, 2f)]
    [InlineData(3, -3f, 6f)]
    public void A_flipped_sign_sends_the_change_the_other_way_round(double scale, float first, float second) =>
        Assert.Equal([first, second, 9], new SignFlip(new SignFlip.Options { Scale = scale })
            .Send(new Update(ParameterVector.Own([1, -2, 9])), Contexts.Of([0, 0, 0])).Weights.Span.ToArray());

    [Theory]
    [MemberData(nameof(AllAttacks))]
    public void An_attack_keeps_the_shape_and_its_argument_and_says_the_same_twice(string name)
    {
        var (attack, context) = (Catalog<Attack>.Create(name, null), Contexts.Of(new float[50]));
        var honest = new Update(ParameterVector.Own([.. Enumerable.Range(0, 50).Select(i => (float)i)]));

        var sent = attack.Send(honest, context);

        Assert.Null(new UpdateShape(50, []).Refusal(sent));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (float)i), honest.Weights.Span.ToArray());
        Assert.Equal(sent.Weights, attack.Send(honest, context).Weights);
    }

    // Start 0, trained (3, 4): clipped to norm 2.5 (1.5, 2), then flipped (−1.5, −2).
    [Fact]
    public void Filters_come_first_and_then_the_attack()
    {
        var path = Path([new ClipNorm(new ClipNorm.Options { Norm = 2.5 })], Group("sign-flip", 3));

        Assert.Equal([-1.5f, -2, 9], path.Send(new Update(ParameterVector.Own([3, 4, 9])), Contexts.Of([0, 0, 0]),
            Shape, 1000).Weights.Span.ToArray());
        Assert.Equal([1.5f, 2, 9],
            path.Filter(new Update(ParameterVector.Own([3, 4, 9])), Contexts.Of([0, 0, 0])).Weights.Span.ToArray());
        Assert.Equal([1.5f, 2, 9], path.Send(new Update(ParameterVector.Own([3, 4, 9])),
            Contexts.Of([0, 0, 0], node: 4), Shape, 1000).Weights.Span.ToArray());
    }

    [Fact]
    public void Without_filters_and_attack_an_update_is_sent_as_it_is()
    {
        var update = new Update(ParameterVector.Own([1, 2, 3]));

        Assert.Same(update, Path([], Group("sign-flip", 2)).Send(update, Contexts.Of([0, 0, 0]), Shape, 1000));
    }

    // −1e30 is finite, and cannot be summed.
    [Theory]
    [InlineData(1e30)]
    [InlineData(1e9)]
    public void An_update_that_nobody_could_sum_is_refused_in_the_name_of_its_sender(double scale)
    {
        var path = Path([],
            Group("sign-flip", 3) with { Attack = new("sign-flip", new SignFlip.Options { Scale = scale }) });

        var refusal = Assert.Throws<RefusedUpdateException>(() =>
            path.Send(new Update(ParameterVector.Own([1, 2, 3])), Contexts.Of([0, 0, 0]), Shape, 1 << 29));

        Assert.StartsWith("The update of node 3 is refused: it has the value -", refusal.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void The_output_of_a_filter_is_checked_too(float value) => Assert.Throws<RefusedUpdateException>(() =>
        Path([new Constant([value, 0, 0])])
            .Send(new Update(ParameterVector.Own([1, 2, 3])), Contexts.Of([0, 0, 0]), Shape, 1000));

    [Fact]
    public void An_update_of_another_shape_is_refused()
    {
        var refusal = Assert.Throws<RefusedUpdateException>(() =>
            Path([new Constant([1, 2])])
                .Send(new Update(ParameterVector.Own([1, 2, 3])), Contexts.Of([0, 0, 0]), Shape, 1000));

        Assert.Equal("The update of node 3 is refused: it has 2 values where 3 are expected.", refusal.Message);
    }

    [Fact]
    public void Too_few_updates_for_the_aggregator_are_refused_with_the_number_needed()
    {
        var path = new UpdatePath([], NoAttackers, new Krum(new Krum.Options { F = 2 }));

        var refusal = Assert.Throws<RefusedUpdateException>(() =>
            path.Receive(ReceivedUpdates.Of(Rows.Of(Rows.Seven[..6]))));

        Assert.Contains("needs 7", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([1f, 1], path.Receive(ReceivedUpdates.Of(Rows.Of(Rows.Seven))).Mean().Span.ToArray());
    }

    [Fact]
    public void A_value_that_is_not_finite_names_its_sender_not_the_receiver()
    {
        var path = new UpdatePath([], NoAttackers, new CoordinateMedian());

        var refusal = Assert.Throws<NotSummableException>(() =>
            path.Receive(ReceivedUpdates.Of(Rows.Of([[1, 2], [1, float.NaN], [1, 2]]))));

        Assert.Contains("node 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weighted_sum_is_not_given_where_an_aggregator_makes_the_mean() =>
        Assert.Throws<InvalidOperationException>(() =>
            new UpdatePath([], NoAttackers, new CoordinateMedian())
                .Receive(ReceivedUpdates.Of(Rows.Of(Rows.Seven))).Total());

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.3, 3)]
    [InlineData(1, 9)] // all but the server
    public void A_share_of_the_nodes_is_drawn_and_never_the_server(double share, int expected)
    {
        var attackers = Attackers(10, 0, new AttackerGroup { Share = share, Attack = new("sign-flip", null) });

        Assert.Equal(expected, Enumerable.Range(0, 10).Count(n => attackers.Of(n, 0) is not null));
        Assert.Null(attackers.Of(0, 0));
        Assert.Equal(expected > 0, attackers.Any);
    }

    // Rounds 2 to 4 as experiments count them are 1 to 3 as code does.
    [Fact]
    public void An_attack_is_on_from_its_first_to_its_last_round()
    {
        var attackers = Attackers(6, null, Group("sign-flip", 3) with { From = 2, Until = 4 });

        Assert.Equal([false, true, true, true, false],
            Enumerable.Range(0, 5).Select(round => attackers.Of(3, round) is not null));
    }

    // Half of 4 members and half of the 6 others, never the server; the members' draw is that of a run of 4 nodes.
    [Fact]
    public void The_same_share_of_members_and_of_those_that_may_join_attacks()
    {
        var group = new AttackerGroup { Share = 0.5, Attack = new("sign-flip", null) };
        var alone = Attackers(4, 0, group);
        var attackers = new Attackers([(group, group.Attack.Create())], 10, 4, 0, new Seeds(1));

        int[] all = [.. Enumerable.Range(0, 10).Where(node => attackers.Of(node, 0) is not null)];
        Assert.Equal(Enumerable.Range(0, 4).Where(node => alone.Of(node, 0) is not null), all.Where(node => node < 4));
        Assert.Equal(2, all.Count(node => node < 4));
        Assert.Equal(3, all.Count(node => node >= 4));
    }

    // Node 3 attacks in rounds 2 and 3 as experiments count them, node 4 never.
    [Fact]
    public void An_attacker_trains_on_other_samples_and_for_another_objective_while_its_attack_is_on()
    {
        var group = Group("toy", 3) with { From = 2, Until = 3 };
        var path = new UpdatePath([], new Attackers([(group, new Poisoner())], 6, 6, null, new Seeds(1)),
            new WeightedMean());
        var own = new SampleSet(ToyData.Images(4, new SampleShape(1, 2, 2), 2, 1), [0, 1, 2]);

        Assert.Equal([3, 1, 3, 3],
            new[] { (3, 0), (3, 1), (3, 3), (4, 1) }.Select(a => path.Samples(own, a.Item1, a.Item2).Indices.Length));
        Assert.Equal([0f, 5, 0, 0], new[] { (3, 0), (3, 1), (3, 3), (4, 1) }
            .Select(a => path.Objective(LocalObjective.None, a.Item1, a.Item2).Proximal));
    }

    private static readonly Attackers NoAttackers = new([], 6, 6, null, new Seeds(1));

    private static UpdatePath Path(UpdateFilter[] filters, params AttackerGroup[] groups) =>
        new(filters, Attackers(6, null, groups), new WeightedMean());

    private static Attackers Attackers(int nodes, int? server, params AttackerGroup[] groups) =>
        new([.. groups.Select(g => (g, g.Attack.Create()))], nodes, nodes, server, new Seeds(1));

    private static AttackerGroup Group(string attack, params int[] nodes) =>
        new() { Nodes = [.. nodes], Attack = new(attack, null) };

    private sealed class Poisoner : Attack
    {
        public override SampleSet Poison(SampleSet own, int node, int round) => own with { Indices = own.Indices[..1] };

        public override LocalObjective Objective(LocalObjective honest, int node, int round) =>
            honest with { Proximal = 5 };
    }

    private sealed class Constant(float[] values) : UpdateFilter
    {
        public override ParameterVector Apply(ParameterVector vector, UpdateContext context) =>
            ParameterVector.Own(values);
    }
}
