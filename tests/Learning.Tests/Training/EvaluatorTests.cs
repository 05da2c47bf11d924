using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class EvaluatorTests
{
    private const int Timeout = 60_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(500)]
    [InlineData(1_001)]
    [InlineData(10_000)]
    public void Pieces_cover_every_sample_once_and_break_between_batches(int count)
    {
        var pieces = Evaluator.Pieces(count);

        Assert.Equal(Enumerable.Range(0, count), pieces.SelectMany(p => Enumerable.Range(0, count).Take(p)));
        Assert.All(pieces, p => Assert.Equal(0, p.Start.Value % Evaluator.BatchSize));
        Assert.All(pieces, p => Assert.True(p.End.Value > p.Start.Value));
    }

    [Fact(Timeout = Timeout)]
    public async Task Pieces_on_two_lanes_sum_to_the_bits_of_the_whole()
    {
        var data = ToyData.Images(2_345, Lanes.Small, 4, seed: 3);
        var indices = new Seeds(1).Stream("order").Permutation(data.Count);
        var weights = Lanes.Job(Lanes.ResNet6, data, 4, new()).Start;

        var whole = await Lanes.On(lane =>
            Evaluator.Evaluate(lane.Torch, Lanes.ResNet6, Classes.Of(4), weights, data, indices));
        await using var lanes = new TrainingLanes(2);
        var parts = await Task.WhenAll(Evaluator.Pieces(indices.Length)
            .Select(piece => lanes.Run("run", (lane, token) =>
                Evaluator.Evaluate(lane.Torch, Lanes.ResNet6, Classes.Of(4), weights, data,
                    indices.AsSpan(piece), token))));

        Assert.Equal(3, parts.Length);
        Assert.Equal(2_345, whole.Samples);
        Assert.Equal(whole, parts.Aggregate(MetricSums.Zero, MetricSums.Add));
    }

    [Fact(Timeout = Timeout)]
    public async Task Loss_and_accuracy_are_what_the_formula_says()
    {
        // One pixel, x = 1 or 0; logits (x·1, x·0) for two classes. x = 1, label 0: loss ln(1 + e⁻¹) = 0.313262, right.
        // x = 1, label 1: ln(1 + e) = 1.313262, wrong. x = 0, label 0: ln 2 = 0.693147, a tie, which goes to class 0.
        var data = new ImageSet([255, 255, 0], [0, 1, 0], new(1, 1, 1), new PixelScale(255, [0.0], [1.0]));
        var weights = ParameterVector.Own([1, 0, 0, 0]);

        var torch = await Lanes.On(lane =>
            Evaluator.Evaluate(lane.Torch, Lanes.Logistic, Classes.Of(2), weights, data, [0, 1, 2]));
        using var engine = new DenseEngine();
        var dense = engine.Evaluate(new(Lanes.Logistic, Classes.Of(2), weights, data), [0, 1, 2]);

        Assert.All([torch, dense], sum =>
        {
            Assert.Equal((0.313262 + 1.313262 + 0.693147) / 3, sum.Loss, 1e-5);
            Assert.Equal(2, sum.Correct);
            Assert.Equal(3, sum.Samples);
        });
    }

    [Fact(Timeout = Timeout)]
    public async Task An_evaluation_changes_no_statistics_and_spoils_no_training()
    {
        var data = ToyData.Images(40, Lanes.Small, 4, seed: 3);
        var job = () => Lanes.Job(Lanes.ResNet6, data, 4, new() { BatchSize = 8 });
        var alone = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, job()).Weights);

        var (values, between) = await Lanes.On(lane =>
        {
            var start = job().Start;
            LocalTrainer.Train(lane.Torch, job());
            Evaluator.Evaluate(lane.Torch, Lanes.ResNet6, Classes.Of(4), start, data, [.. Enumerable.Range(0, 40)]);
            var held = lane.Torch.Instance(Lanes.ResNet6, data.Shape, 4).Read();
            return (held, LocalTrainer.Train(lane.Torch, job()).Weights);
        });

        Assert.Equal(job().Start, values);
        Assert.Equal(alone, between);
    }

    [Fact(Timeout = Timeout)]
    public async Task Over_no_sample_the_sum_is_zero()
    {
        var data = ToyData.Images(4, Lanes.Small, 4, seed: 3);
        var weights = Lanes.Job(Lanes.Mlp, data, 4, new()).Start;

        Assert.Equal(MetricSums.Zero,
            await Lanes.On(lane => Evaluator.Evaluate(lane.Torch, Lanes.Mlp, Classes.Of(4), weights, data, [])));
    }
}
