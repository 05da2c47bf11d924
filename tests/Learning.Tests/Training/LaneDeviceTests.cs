using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>
/// A GPU's way through training, walked with the processor as the device: the copies are made, the bits
/// must not change.
/// </summary>
public class LaneDeviceTests
{
    private static readonly LaneDevice Mirror = new("cpu", Mirrored: true);

    public static TheoryData<string, string> Jobs => new()
    {
        { "mlp", "sgd" },
        { "mlp", "adam" },
        { "resnet6", "sgd" }, // BatchNorm: buffers change on the device
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Jobs))]
    public async Task Training_apart_from_the_memory_of_C_sharp_gives_the_same_bits(string model, string optimizer)
    {
        var (plain, mirrored) = (await Run(model, optimizer, LaneDevice.Cpu), await Run(model, optimizer, Mirror));

        Assert.Equal(plain.Weights, mirrored.Weights);
        Assert.Equal(plain.Metrics, mirrored.Metrics);
        Assert.Equal(plain.Tested, mirrored.Tested);
    }

    [Fact]
    public void Without_a_GPU_auto_is_the_processor() =>
        Assert.Equal([LaneDevice.Cpu, LaneDevice.Cpu], LaneDevice.Of("auto", 2));

    [Fact]
    public void A_GPU_that_is_not_there_is_refused_with_the_remedy() =>
        Assert.Contains("build with -p:Torch=cuda",
            Assert.Throws<ExperimentException>(() => LaneDevice.Of("cuda:1", 2)).Message);

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("")]
    public void A_text_that_names_no_device_is_refused(string choice) =>
        Assert.Contains("use auto, cpu, cuda", LaneDevice.Refusal(choice));

    private static async Task<(Learning.Parameters.ParameterVector Weights, Learning.Metrics.MetricSums Metrics,
        Learning.Metrics.MetricSums Tested)> Run(string model, string optimizer, LaneDevice device)
    {
        var data = ToyData.Images(40, new(1, 12, 12), 3, seed: 2);
        var network = new Component<Model>(model, model == "mlp" ? new Mlp.Options() : null);
        var settings = new TrainingSettings
        {
            Epochs = 2,
            BatchSize = 8,
            Optimizer = optimizer == "adam"
                ? new("adam", new Adam.Options())
                : new("sgd", new Sgd.Options { Momentum = 0.9 }),
        };
        await using var lanes = new TrainingLanes(1, () => [device]);
        return await lanes.Run("run", (lane, stop) =>
        {
            var first = LocalTrainer.Train(lane.Torch, Lanes.Job(network, data, 3, settings), stop);
            var again = LocalTrainer.Train(lane.Torch,
                Lanes.Job(network, data, 3, settings) with { Start = first.Weights, Optimizer = first.Optimizer },
                stop);
            return (again.Weights, again.Metrics, Evaluator.Evaluate(lane.Torch, network, Classes.Of(3), again.Weights,
                data, Enumerable.Range(0, 40).ToArray(), stop));
        });
    }
}
