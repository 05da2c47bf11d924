using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Testing;
using TorchSharp;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>A node's training against the loop that anybody would write with TorchSharp alone.</summary>
public class PlainLoopTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("logistic-regression", 0, 0)]
    [InlineData("mlp", 0, 0)]
    [InlineData("mlp", 0.9, 0.001)]
    [InlineData("cnn", 0.9, 0)]
    [InlineData("resnet6", 0, 0.001)]
    [InlineData("resnet6", 0.9, 0)]
    public async Task A_node_has_the_bits_of_a_plain_loop(string name, double momentum, double decay)
    {
        var model = new Component<Model>(name, name == "mlp" ? new Mlp.Options() : null);
        var data = ToyData.Images(45, new(2, 12, 10), 3, seed: 4);
        var settings =
            new TrainingSettings { Epochs = 2, BatchSize = 10, Optimizer = Lanes.Sgd(0.05, momentum, decay) };

        var (ours, plain) = await Lanes.On(lane => (
            LocalTrainer.Train(lane.Torch, Lanes.Job(model, data, 3, settings)).Weights, Plain(Lanes.Job(model, data, 3,
                settings), p => torch.optim.SGD(p, 0.05, momentum: momentum, weight_decay: decay))));

        Assert.Equal(plain.Length, ours.Length);
        Assert.Equal(plain, ours);
    }

    /// <summary>A module of its own, its own tensors, torch's optimiser.</summary>
    private static ParameterVector Plain(
        LocalJob job, Func<IEnumerable<TorchSharp.Modules.Parameter>, torch.optim.Optimizer> optimizer)
    {
        using var scope = torch.NewDisposeScope();
        var network = job.Model.Create().Build(job.Data.Shape, job.Outputs.Count);
        var tensors = network.named_parameters().Select(p => (torch.Tensor)p.parameter)
            .Concat(network.named_buffers().Select(b => b.buffer).Where(b => b.dtype == torch.float32)).ToList();
        Load(tensors, job.Start);
        var descent = optimizer(network.parameters());
        var images = Floats((ImageSet)job.Data);
        var labels = torch.tensor(job.Data.Labels.Select(l => (long)l).ToArray());
        network.train();
        for (var epoch = 0; epoch < job.Settings.Epochs; epoch++)
        {
            job.Order.Shuffle<int>(job.Indices);
            foreach (var batch in job.Indices.Chunk(job.Settings.BatchSize))
            {
                var which = torch.tensor(batch.Select(i => (long)i).ToArray());
                descent.zero_grad();
                torch.nn.functional.cross_entropy(network.call(images.index_select(0, which)),
                    labels.index_select(0, which)).backward();
                descent.step();
            }
        }
        return ParameterVector.Own([.. tensors.SelectMany(t => t.detach().data<float>().ToArray())]);
    }

    private static void Load(IEnumerable<torch.Tensor> tensors, ParameterVector weights)
    {
        using var noGradient = torch.no_grad();
        var from = 0;
        foreach (var tensor in tensors)
        {
            var count = (int)tensor.numel();
            tensor.copy_(torch.tensor(weights.Span.Slice(from, count).ToArray()).view(tensor.shape));
            from += count;
        }
    }

    private static torch.Tensor Floats(ImageSet data)
    {
        var (channels, height, width) = (data.Shape.Sizes[0], data.Shape.Sizes[1], data.Shape.Sizes[2]);
        var area = height * width;
        var tables = Enumerable.Range(0, channels).Select(data.Scale.Table).ToArray();
        var floats = data.Pixels.Select((p, i) => tables[i / area % channels][p]).ToArray();
        return torch.tensor(floats).view(data.Count, channels, height, width);
    }
}
