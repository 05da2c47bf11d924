using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

public class SentPartsTests
{
    private static readonly ParameterLayout Layout = new([
        new("conv1.weight", [2], 0, true), new("bn1.weight", [1], 2, true), new("bn1.bias", [1], 3, true),
        new("linear.weight", [2, 1], 4, true), new("linear.bias", [2], 6, true), new("bn1.running_mean", [1], 8, false),
        new("bn1.running_var", [1], 9, false)]);

    [Fact]
    public void The_last_layer_is_the_last_that_is_trained()
    {
        Assert.Equal(["linear.weight", "linear.bias"], LayoutPart.LastLayers(Layout, 1).Slices.Select(s => s.Name));
        Assert.Equal(8, LayoutPart.LastLayers(Layout, 2).Length); // with the statistics of bn1
    }

    [Fact]
    public void Layers_are_named_once_and_have_their_statistics()
    {
        Assert.Equal(["conv1", "bn1", "linear"], LayoutPart.LayersOf(Layout));
        Assert.Equal(["conv1.weight", "linear.weight", "linear.bias"],
            LayoutPart.OfLayers(Layout, ["linear", "conv1"]).Slices.Select(s => s.Name));
        Assert.Equal(["bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"],
            LayoutPart.OfLayers(Layout, ["bn1"]).Slices.Select(s => s.Name));
    }

    [Fact]
    public void BatchNorm_is_found_by_its_statistics() =>
        Assert.Equal(["bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"],
            LayoutPart.BatchNorm(Layout).Slices.Select(s => s.Name));

    [Fact]
    public void What_is_taken_out_can_be_put_back()
    {
        var whole = ParameterVector.Own([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        var part = LayoutPart.BatchNorm(Layout);

        Assert.Equal([2, 3, 8, 9], part.Take(whole).Span.ToArray());
        Assert.Equal([0, 1, 20, 30, 4, 5, 6, 7, 80, 90],
            part.Put(ParameterVector.Own([20, 30, 80, 90]), whole).Span.ToArray());
        Assert.Equal([0, 0, 1, 1, 0, 0, 0, 0, 1, 1], part.Mask.Span.ToArray());
        Assert.Equal(6, part.Rest.Length);
        Assert.Same(whole, LayoutPart.Where(Layout, _ => true).Take(whole));
    }

    [Fact]
    public void A_shape_says_what_is_wrong_with_an_update()
    {
        var shape = new UpdateShape(3, [new("steps", 1)]);
        static Update Update(int weights, string? name, int length) => new(ParameterVector.Zeros(weights),
            name is null ? [] : new Dictionary<string, ParameterVector> { [name] = ParameterVector.Zeros(length) });

        Assert.Null(shape.Refusal(Update(3, "steps", 1)));
        Assert.Equal(16, shape.Bytes);
        Assert.Equal("2 values where 3 are expected", shape.Refusal(Update(2, "steps", 1)));
        Assert.Equal("weights where weights, steps are expected", shape.Refusal(Update(3, null, 0)));
        Assert.Equal("weights, more where weights, steps are expected", shape.Refusal(Update(3, "more", 1)));
        Assert.Equal("2 values of steps where 1 are expected", shape.Refusal(Update(3, "steps", 2)));
    }

    // 2·(1, 2) + 3·(10, 20), as a sum and as a mean.
    [Fact]
    public void Totals_have_the_same_bits_merged_and_one_by_one()
    {
        ReceivedUpdate[] received = [new(0, 2, Update(1, 2)), new(1, 3, Update(10, 20))];
        var sum = new ExactSum(2);
        foreach (var h in received) sum.Add(h.Update.Weights.Span, h.Weight);

        Assert.Equal([32, 64], ReceivedUpdates.Of(received).Total().Span.ToArray());
        Assert.Equal([32, 64], ReceivedUpdates.Merged(sum, new Dictionary<string, ExactSum>()).Total().Span.ToArray());

        static Update Update(params float[] values) => new(ParameterVector.Own(values));
    }
}
