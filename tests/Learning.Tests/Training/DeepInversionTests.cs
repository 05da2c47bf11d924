using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>InversionSettings: inputs that a model is sure of.</summary>
public sealed class DeepInversionTests
{
    private const string Resnet = "model=resnet6";
    private static readonly DeepInversionSettings Nothing = new(Count: 3, Steps: 1, LearningRate: 0.5, Entropy: 0,
        Variation: 0, Length: 0, Statistics: 0);
    private static readonly DeepInversionSettings Usual = Nothing with
    {
        Steps = 60,
        LearningRate = 0.1,
        Entropy = 0.1,
        Variation = 2.5e-3,
        Length = 1e-7,
        Statistics = 10
    };

    // Adam's first step is as long as the learning rate, against the sign of the gradient: of the length that of the
    // pixel itself, so that each comes 0.5 closer to 0 or goes past it.
    [Fact(Timeout = 60_000)]
    public Task The_first_step_against_length_by_hand() => On(bench =>
    {
        var noise = bench.InvertedSamples(Weights(), Nothing, "dreams").Span.ToArray();
        var shorter = bench.InvertedSamples(Weights(), Nothing with { Length = 2 }, "dreams").Span.ToArray();

        Assert.Equal(3 * 16, noise.Length);
        for (var i = 0; i < noise.Length; i++) Assert.Equal(noise[i] - 0.5f * MathF.Sign(noise[i]), shorter[i], 4);
    });

    // The derivative of total variation, worked out plainly: a pixel's differences to its neighbours over the length of
    // all differences of that direction, in its image.
    [Fact(Timeout = 60_000)]
    public Task The_first_step_against_variation_by_hand() => On(bench =>
    {
        var noise = bench.InvertedSamples(Weights(), Nothing, "dreams").Span.ToArray();
        var smoother = bench.InvertedSamples(Weights(), Nothing with { Variation = 2 }, "dreams").Span.ToArray();

        for (var image = 0; image < 3; image++)
        {
            var slope = new double[16];
            foreach (var (down, right) in new[] { (0, 1), (1, 0), (1, 1), (-1, 1) })
            {
                var pairs = Enumerable.Range(0, 16).Where(p => p / 4 + down is >= 0 and < 4 && p % 4 + right < 4)
                    .Select(p => (From: p, To: p + 4 * down + right)).ToList();
                double Apart((int From, int To) pair) =>
                    (double)noise[image * 16 + pair.To] - noise[image * 16 + pair.From];
                var length = Math.Sqrt(pairs.Sum(pair => Apart(pair) * Apart(pair)));
                foreach (var pair in pairs)
                {
                    slope[pair.To] += Apart(pair) / length;
                    slope[pair.From] -= Apart(pair) / length;
                }
            }
            for (var p = 0; p < 16; p++)
                Assert.Equal(noise[image * 16 + p] - 0.5 * Math.Sign(slope[p]), smoother[image * 16 + p], 4);
        }
    });

    [Theory(Timeout = 60_000)]
    [InlineData("model={\"name\":\"mlp\",\"hidden\":[8]}")]
    [InlineData(Resnet)]
    public Task A_model_is_surer_of_its_inverted_samples_than_of_noise(string model) => On(bench =>
    {
        var settings = Nothing with { Steps = 300, LearningRate = 0.1, Entropy = 1 };
        var trained = bench.Train(new TrainingTask(Weights(model))
        {
            Settings = PlanOf(model).Experiment.TrainingOf(0) with { Epochs = 20 }
        }).Weights;
        var (noise, inverted) = (bench.InvertedSamples(trained, Nothing, "dreams"),
            bench.InvertedSamples(trained, settings, "dreams"));

        var (before, after) = (Entropy(bench.OutputsOf(trained, noise)), Entropy(bench.OutputsOf(trained, inverted)));
        Assert.True(after < 0.5 * before, $"{before} -> {after}");
    }, model);

    // With nothing but the statistics that BatchNorm keeps of what it was trained on, inverted samples are much nearer
    // to these than noise is. How near is counted here number by number.
    [Slow]
    [Fact(Timeout = 60_000)]
    public async Task Inverted_samples_go_towards_what_BatchNorm_has_seen()
    {
        await using var lanes = new TrainingLanes(1);
        var (plan, far, near) = (PlanOf(Resnet), 0.0, 0.0);
        await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(plan, lane, 0, 0, stop);
            var trained = bench.Train(new TrainingTask(plan.InitialWeights)).Weights;
            var settings = Nothing with { LearningRate = 0.05, Statistics = 10 };
            var (noise, inverted) = (bench.InvertedSamples(trained, settings with { Statistics = 0 }, "dreams"),
                bench.InvertedSamples(trained, settings with { Steps = 200 }, "dreams"));
            var drifts = new List<double>();
            var hooks = lane.Torch
                .Instance(plan.Experiment.Model, plan.Data.Train.Shape, 3).Network.modules().OfType<BatchNorm2d>()
                .Select(norm => norm.register_forward_pre_hook((_, input) => Count(norm, input))).ToList();
            far = Drift(noise);
            near = Drift(inverted);
            hooks.ForEach(hook => hook.remove());
            return true;

            double Drift(ParameterVector images)
            {
                drifts.Clear();
                bench.OutputsOf(trained, images);
                return drifts.Sum();
            }

            torch.Tensor Count(BatchNorm2d norm, torch.Tensor input)
            {
                var (values, means, variances) = (input.data<float>().ToArray(),
                    norm.running_mean!.data<float>().ToArray(), norm.running_var!.data<float>().ToArray());
                var area = values.Length / 3 / means.Length;
                double[][] channels = [.. means.Select((_, c) =>
                    values.Where((_, i) => i / area % means.Length == c).Select(v => (double)v).ToArray())];
                drifts.Add(Length(channels.Select((v, c) => v.Average() - means[c])) + Length(
                    channels.Select((v, c) => v.Average(x => x * x) - Math.Pow(v.Average(), 2) - variances[c])));
                return input;
            }
        });

        Assert.True(near < 0.6 * far, $"{far} -> {near}");

        static double Length(IEnumerable<double> values) => Math.Sqrt(values.Sum(v => v * v));
    }

    // The same bytes again, on another lane, and after other work; others for another node, round or purpose.
    [Slow]
    [Theory(Timeout = 60_000)]
    [InlineData("model={\"name\":\"mlp\",\"hidden\":[8]}")]
    [InlineData(Resnet)]
    public async Task Inverted_samples_are_the_same_again(string model)
    {
        var all = new List<ParameterVector>();
        for (var time = 0; time < 2; time++)
            await On(bench =>
            {
                all.Add(bench.InvertedSamples(Weights(model), Usual, "dreams"));
                bench.Evaluate(Weights(model), bench.Training);
                all.Add(bench.InvertedSamples(Weights(model), Usual, "dreams"));
            }, model);

        Assert.Single(all.Distinct());
        await On(bench => Assert.NotEqual(all[0], bench.InvertedSamples(Weights(model), Usual, "dreams")),
            model, node: 1);
        await On(bench => Assert.NotEqual(all[0], bench.InvertedSamples(Weights(model), Usual, "dreams")),
            model, round: 1);
        await On(bench => Assert.NotEqual(all[0], bench.InvertedSamples(Weights(model), Usual, "others")), model);
    }

    // The result of training does not depend on an earlier deep inversion on the same lane, and no hook is left that
    // would keep the inputs of layers.
    [Fact(Timeout = 60_000)]
    public Task Training_goes_on_as_without_deep_inversion() => On(bench =>
    {
        var before = bench.Train(new TrainingTask(Weights(Resnet))).Weights;
        bench.InvertedSamples(Weights(Resnet), Usual with { Steps = 2 }, "dreams");

        Assert.Equal(before, bench.Train(new TrainingTask(Weights(Resnet))).Weights);
    }, Resnet);

    private static Plan PlanOf(string model) =>
        Plan.Of(Toy.Experiment("topology=ring", "algorithm=gossip", model), Toy.Data().Get(Toy.Experiment().Dataset));

    private static ParameterVector Weights(string model = "model={\"name\":\"mlp\",\"hidden\":[8]}") =>
        PlanOf(model).InitialWeights;

    private static async Task On(
        Action<Workbench> test, string model = "model={\"name\":\"mlp\",\"hidden\":[8]}", int node = 0, int round = 0)
    {
        await using var lanes = new TrainingLanes(1);
        await lanes.Run("test", (lane, stop) =>
        {
            test(new Workbench(PlanOf(model), lane, node, round, stop));
            return true;
        });
    }

    private static double Entropy(ParameterVector scores) =>
        scores.Span.ToArray().Chunk(3).Select(s => ModelDistance.LogSoftmax(s))
            .Average(logs => -logs.Sum(l => Math.Exp(l) * l));
}
