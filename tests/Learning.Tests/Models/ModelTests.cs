using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tests.Training;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.TorchLoading;
using Orleans.FL.Testing;
using TorchSharp;
using Xunit;

namespace Orleans.FL.Learning.Tests.Models;

public class ModelTests
{
    private static readonly SampleShape Fashion = new(1, 28, 28);
    private static readonly SampleShape Cifar = new(3, 32, 32);

    [Theory]
    [InlineData("logistic-regression", 1, 28, 7_850)]
    [InlineData("mlp", 1, 28, 199_210)]
    [InlineData("cnn", 1, 28, 1_663_370)]
    [InlineData("lenet", 1, 28, 61_706)]
    [InlineData("femnist-cnn", 1, 28, 1_199_882)]
    [InlineData("resnet6", 3, 32, 308_826)]
    [InlineData("resnet6", 1, 28, 308_826 - 288)]
    [InlineData("resnet10", 3, 32, 4_903_242)]
    [InlineData("resnet10", 1, 28, 4_903_242 - 1_152)]
    [InlineData("resnet18", 3, 32, 11_173_962)]
    [InlineData("resnet18", 1, 28, 11_173_962 - 1_152)]
    public void A_model_has_the_published_number_of_parameters(string name, int channels, int size, int expected)
    {
        var layout = ParameterLayouts.LayoutOf(Named(name), new(channels, size, size), 10);

        Assert.Equal(expected, layout.TrainableLength);
    }

    [Theory]
    [InlineData("resnet6", 38, 74)]
    [InlineData("resnet10", 38, 74)]
    [InlineData("resnet18", 62, 122)]
    public void A_residual_network_has_the_published_number_of_tensors(string name, int parameters, int entries)
    {
        var layout = ParameterLayouts.LayoutOf(Named(name), Cifar, 10);

        Assert.Equal(parameters, layout.Slices.Count(s => s.Trainable));
        Assert.Equal(entries, layout.Slices.Count + layout.Counters.Count);
    }

    [Fact]
    public void Names_of_a_residual_network_are_those_of_pytorch_state_dicts()
    {
        var layout = ParameterLayouts.LayoutOf(Named("resnet10"), Cifar, 10);

        string[] stage1 = ["layer1.0.conv1.weight", "layer1.0.bn1.weight", "layer1.0.bn1.bias", "layer1.0.conv2.weight",
            "layer1.0.bn2.weight", "layer1.0.bn2.bias"];
        string[] shortcut = [".shortcut.0.weight", ".shortcut.1.weight", ".shortcut.1.bias"];
        string[] expected =
        [
            "conv1.weight", "bn1.weight", "bn1.bias", .. stage1, .. Enumerable.Range(2, 3)
                .SelectMany(s => stage1.Select(n => n.Replace("layer1", $"layer{s}", StringComparison.Ordinal))
                    .Concat(shortcut.Select(n => $"layer{s}.0{n}"))), "linear.weight", "linear.bias",
        ];
        Assert.Equal(expected, layout.Slices.Where(s => s.Trainable).Select(s => s.Name));
        Assert.Equal(["bn1.running_mean", "bn1.running_var", "layer1.0.bn1.running_mean", "layer1.0.bn1.running_var"],
            layout.Slices.Where(s => !s.Trainable).Take(4).Select(s => s.Name));
        Assert.Contains("layer4.0.shortcut.1.num_batches_tracked", layout.Counters);
    }

    [Theory]
    [InlineData("logistic-regression", "linear.weight linear.bias")]
    [InlineData("mlp", "fc1.weight fc1.bias fc2.weight fc2.bias fc3.weight fc3.bias")]
    [InlineData("cnn", "conv1.weight conv1.bias conv2.weight conv2.bias fc1.weight fc1.bias fc2.weight fc2.bias")]
    public void Names_of_the_plain_models_are_their_layers(string name, string expected)
    {
        var layout = ParameterLayouts.LayoutOf(Named(name), Fashion, 10);

        Assert.Equal(expected.Split(' '), layout.Slices.Select(s => s.Name));
    }

    [Fact]
    public void The_network_for_many_writers_has_the_published_number_of_parameters() =>
        Assert.Equal(1_206_590, ParameterLayouts.LayoutOf(Named("femnist-cnn"), Fashion, 62).TrainableLength);

    [Theory]
    [MemberData(nameof(All))]
    public void A_models_layout_is_that_of_its_network(string name)
    {
        foreach (var shape in (SampleShape[])[Fashion, new(3, 12, 17)])
        {
            using var instance = ModelInstance.Build(Named(name), shape, 7);
            var layout = ParameterLayouts.LayoutOf(Named(name), shape, 7);

            Assert.Equal(instance.Layout.Counters, layout.Counters);
            Assert.Equal(instance.Layout.Slices.Select(s => (s.Name, s.Offset, s.Trainable, Sizes(s))),
                layout.Slices.Select(s => (s.Name, s.Offset, s.Trainable, Sizes(s))));
        }

        static string Sizes(ParameterSlice slice) => string.Join(' ', slice.Shape);
    }

    [Fact]
    public void A_residual_network_with_group_norm_keeps_no_statistics()
    {
        Component<Model> model = new("resnet6", new ResNetOptions { Norm = ResNetOptions.Group });
        var layout = ParameterLayouts.LayoutOf(model, Cifar, 10);

        Assert.Equal(308_826, layout.Length); // factors and offsets as BatchNorm has them, and nothing else
        Assert.Empty(layout.Counters);
        var uneven = new ResNet6(new() { Norm = ResNetOptions.Group, Groups = 5 });
        Assert.Equal("Groups must divide the 16 channels of the first stage, which 5 do not; "
            + "set groups to 16 or a divisor of it.", uneven.Refusal(Cifar));
    }

    public static TheoryData<string> All => [.. Catalog<Model>.All.Select(m => m.Name)];

    public static TheoryData<string> Cut =>
        [.. Catalog<Model>.All.Select(m => m.Name).Where(m => Named(m).Create().Layers is not null)];

    [Fact]
    public void A_network_with_dropout_is_not_cut() => Assert.Null(Named("femnist-cnn").Create().Layers);

    // Split learning cuts by these names, and calls the children of one side only.
    [Theory]
    [MemberData(nameof(Cut))]
    public async Task A_models_layers_are_those_of_its_weights_and_its_children_in_order_are_the_network(string name)
    {
        var images = ToyData.Images(3, Fashion, 10, seed: 3);
        var (layers, layout) = (Named(name).Create().Layers!, ParameterLayouts.LayoutOf(Named(name), Fashion, 10));
        Assert.Equal(layers, LayoutPart.LayersOf(layout));

        TorchRuntime.EnsureLoaded();
        var (whole, children, weighted) = await Lanes.On(lane =>
        {
            using var scope = torch.NewDisposeScope();
            using var noGradient = torch.no_grad();
            var instance = lane.Torch.Instance(Named(name), Fashion, 10);
            instance.Load(Initializer.Initialize(layout, new Seeds(4)));
            instance.Network.eval();
            var one = instance.Network.call(lane.Torch.Gather(images, [0, 1, 2]).Inputs);
            var other = instance.Network.named_children().Aggregate(lane.Torch.Gather(images, [0, 1, 2]).Inputs,
                (values, child) => ((torch.nn.Module<torch.Tensor, torch.Tensor>)child.module).call(values));
            string[] names = [.. instance.Network.named_children().Where(c => c.module.named_parameters().Any())
                .Select(c => c.name)];
            return (one.bytes.ToArray(), other.bytes.ToArray(), names);
        });

        Assert.Equal(whole, children);
        Assert.Equal(layers, weighted);
    }

    [Theory]
    [InlineData("logistic-regression", 1, 1, 1, 2)]
    [InlineData("mlp", 2, 5, 3, 4)]
    [InlineData("cnn", 3, 9, 4, 7)]
    [InlineData("resnet6", 2, 1, 1, 3)]
    [InlineData("resnet6", 1, 64, 47, 3)]
    public async Task A_model_maps_images_of_any_size_to_a_logit_a_class(
        string name, int channels, int height, int width, int classes)
    {
        TorchRuntime.EnsureLoaded();
        var shape = await Lanes.On(lane =>
        {
            using var scope = torch.NewDisposeScope();
            var instance = lane.Torch.Instance(Named(name), new(channels, height, width), classes);
            instance.Network.eval();
            return instance.Network.call(torch.zeros(2, channels, height, width)).shape;
        });

        Assert.Equal([2L, classes], shape);
    }

    [Fact]
    public void The_cnn_refuses_images_that_it_would_halve_to_nothing()
    {
        var error = Assert.Throws<ExperimentException>(() => ParameterLayouts.LayoutOf(Named("cnn"), new(1, 3, 9), 2));

        Assert.Contains("4x4 pixels or more, not 3x9", error.Message, StringComparison.Ordinal);
        Assert.Null(new Cnn().Refusal(new(1, 8, 8)));
    }

    [Fact]
    public void Equal_components_share_one_layout()
    {
        var a = ParameterLayouts.LayoutOf(new("mlp", new Mlp.Options { Hidden = [3, 4] }), Fashion, 10);
        var b = ParameterLayouts.LayoutOf(new("mlp", new Mlp.Options { Hidden = [3, 4] }), Fashion, 10);

        Assert.Same(a, b);
    }

    private static Component<Model> Named(string name) => new(name, name == "mlp" ? new Mlp.Options() : null);
}
