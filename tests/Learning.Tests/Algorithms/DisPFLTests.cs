using Orleans.FL.Learning.Algorithms.Personalised;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class DisPFLTests
{
    // Tensors of 2 × 2 and 10 × 10, biases beside. Raw densities (2 + 2)/4 = 1 and 20/100 = 0.2; half of 104 is 52 =
    // ε(4·1 + 100·0.2), ε = 13/6: the first would exceed 1, so it is dense, and the second has the remainder, 48 of
    // 100. With γ = 0 both have ½.
    [Fact]
    public void Densities_by_hand()
    {
        var layout = new ParameterLayout([new("a", [2, 2], 0, true), new("b", [2], 4, true),
            new("c", [10, 10], 6, true), new("d", [10], 106, false)]);

        Assert.Equal([1, 0.48], SparseMask.Densities(layout, 0.5, 1).Select(d => Math.Round(d, 12)));
        Assert.Equal([0.5, 0.5], SparseMask.Densities(layout, 0.5, 0));
        Assert.Equal([4, 48], SparseMask.Counts(layout, 0.5, 1));
    }

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.5, 1)]
    [InlineData(0.9, 1)]
    [InlineData(0.3, 0.5)]
    [InlineData(1, 1)]
    public void Densities_have_the_asked_mean_and_are_one_at_most(double density, double power)
    {
        var layout = new ToyRun("model=resnet6", "nodes=2").Plan.Layout;
        var (densities, slices) = (SparseMask.Densities(layout, density, power), SparseMask.Masked(layout).Slices);

        Assert.Equal(density, densities.Zip(slices, (d, s) => d * s.Length).Sum() / slices.Sum(s => s.Length), 9);
        Assert.All(densities, d => Assert.InRange(d, 0, 1 + 1e-9));
    }

    [Fact]
    public void A_mask_is_sent_in_a_bit_a_value()
    {
        var layout = new ToyRun().Plan.Layout; // 8 × 16 and 3 × 8 weights, 11 biases
        var mask = SparseMask.Of(layout, SparseMask.Counts(layout, 0.3, 1), new ToyRun().Plan.InitialWeights.Span);

        Assert.Equal((152 + 23) / 24, SparseMask.Words(layout));
        Assert.Equal(mask, SparseMask.Unpack(layout, SparseMask.Pack(layout, mask)));
    }

    // αₜ = ¼(1 + cos(πt/10)): 0.5, 0.25 after half of the rounds, 0 at the end and after it.
    [Fact]
    public void The_share_that_is_exchanged_falls_with_the_cosine()
    {
        var dispfl = new DisPFL(new DisPFL.Options { AnnealRounds = 10 });

        Assert.Equal([0.5, 0.25, 0, 0], new[] { 0, 5, 10, 20 }.Select(r => Math.Round(dispfl.Exchanged(r), 12)));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("gradient", true)]
    [InlineData("random", false)]
    public async Task Masks_keep_their_counts_and_values_are_means_over_those_that_keep_them(string regrowth, bool same)
    {
        var run = new ToyRun("topology=ring", "algorithm={\"name\":\"dispfl\",\"density\":0.4,"
            + $"\"regrowth\":\"{regrowth}\",\"sameMask\":{(same ? "true" : "false")}}}",
            "training.optimizer.momentum=0.9");
        await using var lanes = new TrainingLanes(1);
        var (layout, before) = (run.Plan.Layout, new ParameterVector?[6]);
        for (var round = 0; round < 2; round++)
        {
            var (sent, masks) = (new ParameterVector[6], new ParameterVector[6]);
            await run.Round(lanes, round, (node, _, _) => (sent[node], masks[node]) =
                (run.Learners[node].Weights, run.Learners[node].Memory["dispfl.mask"]));

            foreach (var (slice, count) in SparseMask.Masked(layout).Slices.Zip(SparseMask.Counts(layout, 0.4, 1)))
                Assert.All(masks,
                    m => Assert.Equal(count, m.Span.Slice(slice.Offset, slice.Length).ToArray().Count(v => v != 0)));
            for (var i = 0; i < layout.Length; i++)
            {
                var (own, sum, keep) = (masks[2].Span[i], new[] { 1, 2, 3 }.Sum(n => (double)sent[n].Span[i]),
                    new[] { 1, 2, 3 }.Sum(n => masks[n].Span[i]));
                Assert.Equal(own == 0 ? 0 : sum / keep, run.Learners[2].Weights.Span[i], 1e-6);
                Assert.True(own != 0 || sent[2].Span[i] == 0);
            }
            Assert.NotEqual(before[2], masks[2]);
            before[2] = masks[2];
        }
        Assert.NotEqual(before[2], run.Learners[3].Memory["dispfl.mask"]);
    }

    // 0.4 of 152 weights is 60.8: ERK floors by tensor to 60 or 59 values, with 11 biases and 7 words.
    [Fact(Timeout = 60_000)]
    public async Task What_is_sent_is_sparse()
    {
        var run = new ToyRun("topology=ring", "algorithm={\"name\":\"dispfl\",\"density\":0.4}");
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0);

        var kept = SparseMask.Counts(run.Plan.Layout, 0.4, 1).Sum();
        Assert.InRange(kept, 59, 60);
        Assert.Equal(4 * (kept + 11 + 7), run.Learners[0].Compose(0).Bytes);
    }

    [Fact(Timeout = 60_000)]
    public async Task Masks_that_never_move_stay()
    {
        var run = new ToyRun("topology=ring", "algorithm={\"name\":\"dispfl\",\"regrowth\":\"never\"}");
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0);
        var first = run.Learners[0].Memory["dispfl.mask"];
        await run.Round(lanes, 1);

        Assert.Equal(first, run.Learners[0].Memory["dispfl.mask"]);
        Assert.Equal(first, run.Learners[5].Memory["dispfl.mask"]);
    }

    // 1,200 draws with probability ½: 600 ± 17.
    [Fact]
    public void An_inactive_node_neither_sends_nor_receives()
    {
        var plan = new ToyRun("topology=ring", "algorithm={\"name\":\"dispfl\",\"activeRate\":0.5}").Plan;

        var active = 0;
        for (var round = 0; round < 200; round++)
        {
            var there = Enumerable.Range(0, 6).Where(node => plan.Row(node, round, 0).Count > 0).ToHashSet();
            active += there.Count;
            foreach (var node in there)
                Assert.Equal(new[] { node, (node + 1) % 6, (node + 5) % 6 }.Where(there.Contains).Order(),
                    plan.Row(node, round, 0).Select(r => r.Node));
        }
        Assert.InRange(active, 530, 670);
    }

    [Fact]
    public void What_does_not_fit_or_has_diverged_is_refused()
    {
        var run = new ToyRun("nodes=2", "topology=fully-connected", "algorithm={\"name\":\"dispfl\",\"density\":0.4}");
        var (me, sent) = (run.Learners[0], run.Learners[1].Compose(0));
        void Receive(ParameterVector weights, float word) =>
            me.Combine(0, 0,
                ReceivedUpdates.Of([new ReceivedUpdate(1, 1, new Update(weights, new Dictionary<string, ParameterVector>
                {
                    ["mask"] = ParameterVector.Own(
                        [.. sent.AuxiliaryVectors["mask"].Span.ToArray().Select(w => Math.Max(w, word))])
                }))]));

        Assert.Contains("keeps more values",
            Assert.Throws<InvalidDataException>(() => Receive(sent.Weights, (1 << 24) - 1)).Message);
        Assert.Contains("node 1 have diverged",
            Assert.Throws<NotSummableException>(() => Receive(Vectors.Scale(sent.Weights, double.NaN), 0)).Message);
        Assert.Equal(run.Plan.InitialWeights, me.Weights);
        Receive(sent.Weights, 0);
    }
}
