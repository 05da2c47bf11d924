using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class InitializerTests
{
    [Fact]
    public void Weights_and_biases_are_uniform_within_one_over_the_root_of_the_fan_in()
    {
        var layout = ParameterLayouts.LayoutOf(Lanes.Cnn, new(1, 28, 28), 10);
        var values = Initializer.Initialize(layout, new Seeds(3)).Span;

        foreach (var (name, fanIn) in new[] { ("conv2", 32 * 25), ("fc1", 3136) })
        {
            var bound = 1 / Math.Sqrt(fanIn);
            var weight = layout.Slices.Single(s => s.Name == name + ".weight");
            var bias = layout.Slices.Single(s => s.Name == name + ".bias");
            var squares = 0.0;
            foreach (var w in values.Slice(weight.Offset, weight.Length))
            {
                Assert.InRange(w, -bound, bound);
                squares += (double)w * w;
            }
            foreach (var b in values.Slice(bias.Offset, bias.Length)) Assert.InRange(b, -bound, bound);
            // The variance of U(-b, b) is b²/3.
            Assert.Equal(1, squares / weight.Length / (bound * bound / 3), 0.02);
        }
    }

    [Fact]
    public void Batch_norm_begins_as_the_identity()
    {
        var layout = ParameterLayouts.LayoutOf(Lanes.ResNet6, new(3, 32, 32), 10);
        var values = Initializer.Initialize(layout, new Seeds(3));

        Assert.All(Slice("bn1.weight"), v => Assert.Equal(1, v));
        Assert.All(Slice("layer2.0.shortcut.1.bias"), v => Assert.Equal(0, v));
        Assert.All(Slice("layer4.0.bn2.running_mean"), v => Assert.Equal(0, v));
        Assert.All(Slice("layer4.0.bn2.running_var"), v => Assert.Equal(1, v));
        Assert.Contains(Slice("layer2.0.shortcut.0.weight"), v => v != 0);

        float[] Slice(string name)
        {
            var slice = layout.Slices.Single(s => s.Name == name);
            return values.Span.Slice(slice.Offset, slice.Length).ToArray();
        }
    }

    [Fact]
    public void The_seed_decides_the_weights()
    {
        var layout = ParameterLayouts.LayoutOf(Lanes.Mlp, Lanes.Small, 4);

        Assert.Equal(Initializer.Initialize(layout, new Seeds(1)), Initializer.Initialize(layout, new Seeds(1)));
        Assert.NotEqual(Initializer.Initialize(layout, new Seeds(1)), Initializer.Initialize(layout, new Seeds(2)));
    }

    [Fact]
    public void A_slice_without_a_rule_is_refused()
    {
        var layout = new ParameterLayout([new("lstm.weight_ih", [2, 2], 0, true)]);

        var error = Assert.Throws<ArgumentException>(() => Initializer.Initialize(layout, new Seeds(1)));

        Assert.Contains("lstm.weight_ih", error.Message, StringComparison.Ordinal);
    }
}
