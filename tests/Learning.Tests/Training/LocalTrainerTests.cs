using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class LocalTrainerTests
{
    private const int Timeout = 60_000;
    private static readonly ImageSet Data = ToyData.Images(50, Lanes.Small, 4, seed: 1);
    private static readonly TrainingSettings Settings = new() { BatchSize = 16, Optimizer = Lanes.Sgd(momentum: 0.9) };

    [Theory(Timeout = Timeout)]
    [InlineData("mlp")]
    [InlineData("cnn")]
    [InlineData("resnet6")]
    public async Task Equal_jobs_give_equal_bits_after_any_other_work_of_the_lane(string name)
    {
        var model = Named(name);

        var fresh = await Train(Lanes.Job(model, Data, 4, Settings));
        var used = await Lanes.On(lane =>
        {
            LocalTrainer.Train(lane.Torch, Lanes.Job(model, Data, 4, Settings with { Epochs = 2, BatchSize = 7 }));
            LocalTrainer.Train(lane.Torch, Lanes.Job(Lanes.Logistic, Data, 4, Settings));
            return LocalTrainer.Train(lane.Torch, Lanes.Job(model, Data, 4, Settings));
        });

        Assert.Equal(fresh.Weights, used.Weights);
        Assert.Equal(fresh.Optimizer, used.Optimizer);
        Assert.Equal(fresh.Metrics, used.Metrics);
        Assert.NotEqual(Lanes.Job(model, Data, 4, Settings).Start, fresh.Weights);
    }

    [Fact(Timeout = Timeout)]
    public async Task The_number_of_lanes_changes_no_bit()
    {
        var one = await TrainTwelve(lanes: 1);
        var two = await TrainTwelve(lanes: 2);

        Assert.Equal(one, two);
        Assert.Equal(12, one.Distinct().Count());
    }

    [Fact(Timeout = Timeout)]
    public async Task Epochs_count_every_sample_and_keep_the_last_smaller_batch()
    {
        // 50 samples in batches of 16: 16 + 16 + 16 + 2, twice.
        var result = await Train(Lanes.Job(Lanes.Mlp, Data, 4, Settings with { Epochs = 2 }));

        Assert.Equal(8, result.Steps);
        Assert.Equal(100, result.Metrics.Samples);
        Assert.Equal(8, result.Optimizer.Steps);
    }

    [Fact(Timeout = Timeout)]
    public async Task The_exact_number_of_steps_is_taken_for_any_number_of_samples()
    {
        // 4 + 4 + 2 batches; the tenth has 16 samples: 50 + 50 + 32.
        var result = await Train(Lanes.Job(Lanes.Mlp, Data, 4, Settings with { Steps = 10, Epochs = 99 }));

        Assert.Equal(10, result.Steps);
        Assert.Equal(132, result.Metrics.Samples);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_batch_size_of_zero_takes_all_samples_in_one_step()
    {
        var result = await Train(Lanes.Job(Lanes.Mlp, Data, 4, Settings with { BatchSize = 0, Epochs = 3 }));

        Assert.Equal(3, result.Steps);
        Assert.Equal(150, result.Metrics.Samples);
    }

    [Fact(Timeout = Timeout)]
    public async Task Without_samples_nothing_moves()
    {
        var job = Lanes.Job(Lanes.Mlp, Data, 4, Settings with { Steps = 5 }) with { Indices = [] };

        var result = await Train(job);

        Assert.Equal(0, result.Steps);
        Assert.Equal(job.Start, result.Weights);
        Assert.Equal(MetricSums.Zero, result.Metrics);
    }

    [Fact(Timeout = Timeout)]
    public async Task The_toy_problem_is_learned()
    {
        var result = await Train(Lanes.Job(Lanes.Mlp, Data, 4, Settings with { Epochs = 20 }));
        var before = await Evaluate(Lanes.Job(Lanes.Mlp, Data, 4, Settings).Start);
        var after = await Evaluate(result.Weights);

        Assert.True(after.Loss < before.Loss / 2, $"{after.Loss} against {before.Loss}");
        Assert.True(after.Accuracy > 0.95, $"{after.Accuracy}");

        Task<MetricSums> Evaluate(ParameterVector weights)
        {
            var test = ToyData.Images(200, Lanes.Small, 4, seed: 2);
            return Lanes.On(lane =>
                Evaluator.Evaluate(lane.Torch, Lanes.Mlp, Classes.Of(4), weights, test, [.. Enumerable.Range(0, 200)]));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Moments_go_on_where_the_round_before_ended()
    {
        // Two jobs of one pass each are one job of two passes if order and moments are handed over.
        var job = Lanes.Job(Lanes.Mlp, Data, 4, Settings with { BatchSize = 0 });
        var first = await Train(job);
        var second = await Train(job with { Start = first.Weights, Optimizer = first.Optimizer });

        var whole = await Train(Lanes.Job(Lanes.Mlp, Data, 4, Settings with { BatchSize = 0, Epochs = 2 }) with
        {
            Order = new Seeds(7).Stream("order", 0, 0),
        });

        AssertClose(whole.Weights, second.Weights, 1e-6);
        AssertClose(whole.Optimizer.First!, second.Optimizer.First!, 1e-6);
        Assert.Equal(2, second.Optimizer.Steps);
    }

    [Fact(Timeout = Timeout)]
    public async Task Results_are_not_overwritten_by_the_next_job()
    {
        var (kept, copy) = await Lanes.On(lane =>
        {
            var result = LocalTrainer.Train(lane.Torch, Lanes.Job(Lanes.Mlp, Data, 4, Settings));
            var before = ParameterVector.Own(result.Weights.Span.ToArray());
            LocalTrainer.Train(lane.Torch, Lanes.Job(Lanes.Mlp, Data, 4, Settings with { Epochs = 3 }));
            return (result.Weights, before);
        });

        Assert.Equal(copy, kept);
    }

    [Fact(Timeout = Timeout)]
    public async Task Weights_that_are_no_numbers_are_counted_and_crash_nothing()
    {
        var job = Lanes.Job(Lanes.Mlp, Data, 4, Settings);
        var broken = job.Start.Span.ToArray();
        broken[3] = float.NaN;

        var result = await Train(job with { Start = ParameterVector.Own(broken) });

        Assert.Equal(50, result.Metrics.NotFinite);
        Assert.True(double.IsNaN(result.Metrics.Loss));
        Assert.Equal(0, result.Metrics.Correct);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_cancelled_job_ends_between_two_steps()
    {
        await using var lanes = new TrainingLanes(1);
        using var stop = new CancellationTokenSource();
        var job = Lanes.Job(Lanes.Mlp, Data, 4, Settings with { Steps = 100_000_000 });
        var started = new TaskCompletionSource();
        var running = lanes.Run("a", (lane, token) =>
        {
            started.SetResult();
            return LocalTrainer.Train(lane.Torch, job, token);
        }, stop.Token);
        await started.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        var after = await lanes.Run("a",
            (lane, token) => LocalTrainer.Train(lane.Torch, Lanes.Job(Lanes.Mlp, Data, 4, Settings), token));
        Assert.Equal((await Train(Lanes.Job(Lanes.Mlp, Data, 4, Settings))).Weights, after.Weights);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_lone_last_sample_joins_the_batch_before_where_batch_norm_sees_one_pixel()
    {
        // 49 samples in batches of 16: 16 + 16 + 17; an 8x8 image is one pixel in the last stage.
        var job = Lanes.Job(Lanes.ResNet6, Data, 4, Settings) with { Indices = [.. Enumerable.Range(0, 49)] };

        var result = await Train(job);

        Assert.Equal(3, result.Steps);
        Assert.Equal(49, result.Metrics.Samples);
        Assert.DoesNotContain(result.Weights.Span.ToArray(), v => !float.IsFinite(v));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_batch_size_that_batch_norm_cannot_take_is_refused()
    {
        var job = Lanes.Job(Lanes.ResNet6, Data, 4, Settings with { BatchSize = 1 });

        var error = await Assert.ThrowsAsync<ExperimentException>(() => Train(job));

        Assert.Contains("training.batchSize to 2 or more", error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task Weights_of_another_model_are_refused()
    {
        var job = Lanes.Job(Lanes.Mlp, Data, 4, Settings) with { Start = ParameterVector.Zeros(5) };

        await Assert.ThrowsAsync<ArgumentException>(() => Train(job));
    }

    internal static void AssertClose(ParameterVector expected, ParameterVector actual, double bound)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected.Span[i], actual.Span[i], bound);
    }

    private static Learning.Components.Component<Learning.Models.Model> Named(string name) => name switch
    {
        "mlp" => Lanes.Mlp,
        "cnn" => Lanes.Cnn,
        _ => Lanes.ResNet6,
    };

    private static Task<LocalResult> Train(LocalJob job) => Lanes.On(lane => LocalTrainer.Train(lane.Torch, job));

    private static async Task<ParameterVector[]> TrainTwelve(int lanes)
    {
        await using var pool = new TrainingLanes(lanes);
        return await Task.WhenAll(Enumerable.Range(0, 12).Select(async node =>
        {
            var model = node % 2 == 0 ? Lanes.Cnn : Lanes.ResNet6;
            var job = Lanes.Job(model, Data, 4, Settings) with { Order = new Seeds(7).Stream("order", node, 0) };
            return (await pool.Run("run", (lane, token) => LocalTrainer.Train(lane.Torch, job, token))).Weights;
        }));
    }
}
