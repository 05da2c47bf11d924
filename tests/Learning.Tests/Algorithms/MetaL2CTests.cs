using Orleans.FL.Learning.Algorithms.Personalised;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class MetaL2CTests
{
    // One matrix of 2 rows of 1 value, the only one and so encoded though it is the last layer. 10 + 10 + 50 + 5
    // parameters. With the first hidden value 2x + 1 and the first code 3h + 4, all else 0: of x = 1 and −1: h = 3 and
    // −1, codes 13 and 1.
    [Fact]
    public void A_code_by_hand()
    {
        var layout = new ParameterLayout([new("a", [2, 1], 0, true)]);
        var values = new float[75];
        (values[0], values[10], values[20], values[70]) = (2, 1, 3, 4);

        var code = new FilterEncoder(layout, ParameterVector.Own(values)).Encode(ParameterVector.Own([1, -1]));

        Assert.Equal(75, FilterEncoder.Length(layout));
        Assert.Equal([13, 0, 0, 0, 0, 1, 0, 0, 0, 0], code);
    }

    // Of the toy model (8 × 16 hidden, 3 × 8 classifier) the hidden layer is encoded: 160 + 10 + 50 + 5.
    [Fact]
    public void The_classifier_is_left_out() => Assert.Equal(225, FilterEncoder.Length(new ToyRun().Plan.Layout));

    [Fact]
    public void The_gradient_is_that_of_finite_differences()
    {
        var layout = new ToyRun().Plan.Layout;
        var stream = new Seeds(3).Stream("test");
        ParameterVector Random(int length) =>
            ParameterVector.Own([.. Enumerable.Range(0, length).Select(_ => (float)(stream.NextNormal() / 4))]);
        var (encoder, moved) = (FilterEncoder.Initial(layout, stream),
            Enumerable.Range(0, 3).Select(_ => Random(layout.Length)).ToList());
        double[] inWeights = [1, -2, 0.5];
        double F(int at, float by)
        {
            var values = encoder.Span.ToArray();
            values[at] += by;
            return MetaL2C.WeightsOf(layout, ParameterVector.Own(values), moved, 1)
                .Zip(inWeights, (w, g) => w * g).Sum();
        }

        var gradient = MetaL2C.Gradient(layout, encoder, moved, 1, inWeights);

        foreach (var at in Enumerable.Range(0, 15).Select(i => i * 16))
            Assert.Equal((F(at, 1 / 64f) - F(at, -1 / 64f)) * 32, gradient[at], 1e-3 + 0.02 * Math.Abs(gradient[at]));
        Assert.Contains(gradient, g => Math.Abs(g) > 0.01);
    }

    // From the codes of what was sent, by the mean of the encoders, which at first are all the same.
    [Theory(Timeout = 60_000)]
    [InlineData("updates")]
    [InlineData("weights")]
    public async Task First_round_by_hand(string sharing)
    {
        var run = new ToyRun("nodes=3", "topology=fully-connected",
            $"algorithm={{\"name\":\"metal2c\",\"sharing\":\"{sharing}\",\"keptAfter\":1,\"kept\":1}}",
            "training.validationFraction=0.4");
        var (start, sent) = (run.Plan.InitialWeights, new Update[3]);
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update);

        Assert.Equal(sent[0].AuxiliaryVectors["encoder"], sent[2].AuxiliaryVectors["encoder"]);
        var moved = sent.Select(t => Vectors.Combine(t.Weights, 1, start, -1)).ToList();
        var weights = MetaL2C.WeightsOf(run.Plan.Layout, sent[0].AuxiliaryVectors["encoder"], moved, 0);
        Assert.Equal(1, weights.Sum(), 12);
        AlgorithmLaws.Near(weights.Zip(moved).Aggregate(start, (sum, w) => Vectors.Combine(sum, 1, w.Second, w.First)),
            run.Learners[0].Weights, 1e-5);
        Assert.Equal([1, weights[1] > weights[2] ? 1f : 0, weights[1] > weights[2] ? 0 : 1f],
            run.Learners[0].Numbers("meta-l2c.kept")!.Span.ToArray());
        Assert.NotEqual(sent[0].AuxiliaryVectors["encoder"], run.Learners[0].Compose(0).AuxiliaryVectors["encoder"]);
    }

    [Fact]
    public void More_kept_than_there_are_others_are_refused() =>
        Assert.Contains("set kept to 5 or less", Assert.Single(Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm={\"name\":\"meta-l2c\",\"keptAfter\":2,\"kept\":6}")).Errors).Message);
}
