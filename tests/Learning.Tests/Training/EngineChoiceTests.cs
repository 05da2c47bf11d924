using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Engines.Batched;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class EngineChoiceTests
{
    private const int Timeout = 60_000;

    [Theory(Timeout = Timeout)]
    [InlineData("mlp", "sgd", "auto", "cpu", nameof(DenseEngine))]
    [InlineData("logistic-regression", "sgd", "auto", "cpu", nameof(DenseEngine))]
    [InlineData("mlp", "sgd", "torch", "cpu", nameof(TorchEngine))]
    [InlineData("mlp", "adam", "auto", "cpu", nameof(DenseEngine))]
    [InlineData("cnn", "sgd", "auto", "cpu", nameof(DenseEngine))]
    [InlineData("lenet", "adamw", "auto", "cpu", nameof(DenseEngine))]
    [InlineData("femnist-cnn", "adam", "dense", "cpu", nameof(DenseEngine))]
    [InlineData("resnet18", "sgd", "auto", "cpu", nameof(DenseEngine))]
    [InlineData("cnn", "sgd", "torch", "cpu", nameof(TorchEngine))]
    [InlineData("cnn", "adam", "batched", "cpu", nameof(BatchedEngine))]
    [InlineData("mlp", "sgd", "auto", "cuda:0", nameof(TorchEngine))]
    [InlineData("cnn", "adamw", "auto", "cuda:0", nameof(TorchEngine))]
    [InlineData("resnet6", "sgd", "auto", "cuda:0", nameof(TorchEngine))]
    [InlineData("mlp", "sgd", "dense", "cuda:0", nameof(DenseEngine))]
    public async Task Model_optimizer_and_device_choose_the_engine(
        string model, string optimizer, string engine, string device, string expected)
    {
        await using var lanes = new TrainingLanes(1, () => [new LaneDevice(device, device != "cpu")]);
        var settings = new TrainingSettings { Engine = engine, Optimizer = new(optimizer, null) };

        Assert.Equal(expected,
            await lanes.Run("run", (lane, _) => lane.EngineFor(new(model, null), settings).GetType().Name));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(TensorFormat.BFloat16, TensorFormat.Contiguous, "cpu")]
    [InlineData(TensorFormat.Full, TensorFormat.ChannelsLast, "cpu")]
    [InlineData(TensorFormat.BFloat16, TensorFormat.Contiguous, "cuda:0")]
    public async Task What_only_libtorch_offers_chooses_it(string precision, string memoryFormat, string device)
    {
        await using var lanes = new TrainingLanes(1, () => [new LaneDevice(device, device != "cpu")]);
        var settings = new TrainingSettings { Precision = precision, MemoryFormat = memoryFormat };

        Assert.True(await lanes.Run("run", (lane, _) => lane.EngineFor(new("mlp", null), settings) is TorchEngine));
    }

    [Theory]
    [InlineData("$.training.engine", "training.memoryFormat=channels-last", "training.engine=dense")]
    [InlineData("$.nodeOverrides[0].training.engine", "training.engine=dense",
        "nodeOverrides=[{\"nodes\":[1],\"training\":{\"precision\":\"bfloat16\"}}]")]
    [InlineData("$.training.engine", "model=resnet6", "training.engine=batched")]
    [InlineData("$.training.engine", "training.precision=bfloat16", "training.engine=batched")]
    public void What_a_named_engine_cannot_do_is_refused_with_the_remedy(string path, params string[] overrides)
    {
        var error = Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment(overrides)).Errors);

        Assert.Equal(path, error.Path);
        Assert.Contains("use the engine auto or torch", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dense", "moon")]
    [InlineData("batched", "moon")]
    [InlineData("batched", "def-kt")]
    public void Terms_that_a_named_engine_does_not_know_are_refused_with_the_remedy(string engine, string algorithm)
    {
        var errors = Assert.Throws<ExperimentException>(() =>
            Toy.Experiment($"training.engine={engine}", $"algorithm={algorithm}", "topology=ring")).Errors;

        Assert.Contains(errors, f => f.Message.Contains(
            $"the {engine} engine does not know; set training.engine to auto or torch", StringComparison.Ordinal));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_agrees_between_engines_and_with_itself()
    {
        async Task<SimulationResult> Run(string engine, int lanes) =>
            await Simulation.Run(Toy.Experiment($"training.engine={engine}", "algorithm=scaffold"),
                new SimulationOptions(Toy.Data(), lanes, TimeProvider.System));

        var (auto, dense, torch) = (await Run("auto", 1), await Run("dense", 2), await Run("torch", 1));

        Assert.Equal(auto.WeightsSha256, dense.WeightsSha256);
        Assert.NotEqual(auto.WeightsSha256, torch.WeightsSha256);
        LocalTrainerTests.AssertClose(torch.Weights[0], dense.Weights[0], 1e-5);
    }
}
