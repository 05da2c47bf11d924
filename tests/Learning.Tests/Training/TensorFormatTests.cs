using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class TensorFormatTests
{
    private const int Timeout = 120_000;
    private static readonly ImageSet Grey = ToyData.Images(37, new SampleShape(1, 28, 28), 10, seed: 1);
    private static readonly ImageSet Colour = ToyData.Images(37, new SampleShape(3, 16, 16), 10, seed: 1);
    private static readonly TrainingSettings Plain =
        new() { BatchSize = 16, Epochs = 2, Engine = EngineChoice.Torch, Optimizer = Lanes.Sgd(momentum: 0.9) };
    private static readonly TrainingSettings ChannelsLast = Plain with { MemoryFormat = TensorFormat.ChannelsLast };
    private static readonly TrainingSettings BFloat16 = Plain with { Precision = TensorFormat.BFloat16 };
    private static readonly TrainingSettings Both = BFloat16 with { MemoryFormat = TensorFormat.ChannelsLast };

    // 37 samples in batches of 16 are 16 + 16 + 5, twice: six steps. Where two values that are pooled are all but
    // equal, rounding decides which of them the gradient goes to, so that networks with pooling or ReLU part faster
    // than rounding alone would have it. The distance is that of the weights from those of the plain path, over the
    // distance that the plain path went: rounding for channels-last, some of the 2^-9 of each product for bfloat16.
    [Slow]
    [Theory(Timeout = Timeout)]
    [InlineData("logistic-regression", 1, 1e-5, 0.02)]
    [InlineData("logistic-regression", 6, 1e-5, 0.02)]
    [InlineData("mlp", 1, 1e-5, 0.05)]
    [InlineData("mlp", 6, 1e-5, 0.05)]
    [InlineData("cnn", 1, 1e-5, 0.1)]
    [InlineData("cnn", 6, 0.05, 0.2)]
    [InlineData("resnet6", 1, 1e-3, 0.1)]
    [InlineData("resnet6", 6, 0.05, 0.2)]
    public async Task Steps_end_near_those_of_the_plain_path(
        string name, int steps, double channelsLast, double bfloat16)
    {
        Component<Model> model = new(name, null);
        foreach (var data in (ImageSet[])[Grey, Colour])
        {
            var plain = await Train(Lanes.Job(model, data, 10, Plain with { Steps = steps }));

            Assert.InRange(await Distance(ChannelsLast), 0, channelsLast);
            Assert.InRange(await Distance(BFloat16), 1e-6, bfloat16); // not 0: it was done in other numbers
            Assert.InRange(await Distance(Both), 1e-6, bfloat16);

            async Task<double> Distance(TrainingSettings settings)
            {
                var job = Lanes.Job(model, data, 10, settings with { Steps = steps });
                var result = await Train(job);
                Assert.Equal(plain.Steps, result.Steps);
                Assert.Equal(plain.Metrics.Samples, result.Metrics.Samples);
                return Norm(result.Weights, plain.Weights) / Norm(plain.Weights, job.Start);
            }
        }
    }

    public static IEnumerable<object[]> Models => Catalog<Model>.All.Select(c => new object[] { c.Name });

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Models))]
    public async Task Every_model_trains_in_bfloat16_and_channels_last(string name)
    {
        var settings = Both with { Steps = 1, BatchSize = 5 };
        var data = ToyData.Images(5, new SampleShape(3, 32, 32), 10, seed: 1);

        var result = await Train(Lanes.Job(new(name, null), data, 10, settings));

        Assert.Equal(5, result.Metrics.Samples);
        Assert.True(double.IsFinite(result.Metrics.Loss));
    }

    [Slow]
    [Theory(Timeout = Timeout)]
    [InlineData("cnn")]
    [InlineData("resnet6")]
    public async Task The_number_of_lanes_and_what_a_lane_did_before_change_no_bit(string name)
    {
        foreach (var settings in (TrainingSettings[])[ChannelsLast, BFloat16, Both])
        {
            var alone = await Train(Lanes.Job(new(name, null), Grey, 10, settings));
            await using var lanes = new TrainingLanes(2);
            var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => lanes.Run("run", (lane, cancellation) =>
            {
                LocalTrainer.Train(lane.Torch, Lanes.Job(new(name, null), Grey, 10, Plain with { Steps = 1 }),
                    cancellation);
                return LocalTrainer.Train(lane.Torch, Lanes.Job(new(name, null), Grey, 10, settings), cancellation);
            })));

            Assert.All(results, result => Assert.Equal((alone.Weights, alone.Optimizer, alone.Metrics),
                (result.Weights, result.Optimizer, result.Metrics)));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task One_sample_is_a_step_and_no_sample_is_none()
    {
        foreach (var settings in (TrainingSettings[])[ChannelsLast, BFloat16, Both])
        {
            var job = Lanes.Job(Lanes.Cnn, Grey, 10, settings with { Epochs = 1 });

            var one = await Train(job with { Indices = [3] });
            var none = await Train(job with { Indices = [] });

            Assert.Equal((1, 1), (one.Steps, one.Metrics.Samples));
            Assert.NotEqual(job.Start, one.Weights);
            Assert.Equal((job.Start, MetricSums.Zero), (none.Weights, none.Metrics));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Master_weights_move_by_less_than_bfloat16_can_represent()
    {
        // A step of 1e-6 times the gradient is far below the 2^-9 of a weight that bfloat16 could hold.
        var job = Lanes.Job(Lanes.Cnn, Grey, 10, BFloat16 with { Steps = 1, Optimizer = Lanes.Sgd(rate: 1e-6) });

        var result = await Train(job);

        var moved = result.Weights.Span.ToArray().Zip(job.Start.Span.ToArray(), (a, b) => a != b).Count(m => m);
        Assert.InRange(moved, job.Start.Length / 100, job.Start.Length);
    }

    [Theory]
    [InlineData("training.precision=bfloat16")]
    [InlineData("training.memoryFormat=channels-last")]
    public void The_dense_engine_refuses_them_with_the_remedy(string option)
    {
        var error = Assert.Single(
            Assert.Throws<ExperimentException>(() => Toy.Experiment("training.engine=dense", option)).Errors);

        Assert.Equal("$.training.engine", error.Path);
        Assert.Contains("use the engine auto or torch", error.Message, StringComparison.Ordinal);
    }

    private static Task<LocalResult> Train(LocalJob job) => Lanes.On(lane => LocalTrainer.Train(lane.Torch, job));

    private static double Norm(ParameterVector x, ParameterVector y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++) sum += ((double)x.Span[i] - y.Span[i]) * ((double)x.Span[i] - y.Span[i]);
        return Math.Sqrt(sum);
    }
}
