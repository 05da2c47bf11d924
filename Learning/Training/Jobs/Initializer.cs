using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>Draws the weights that a run begins with.</summary>
/// <remarks>
/// PyTorch's default: weights of linear and convolutional layers and their biases are uniform in ±1/√fan_in (He et al.,
/// Delving Deep into Rectifiers, ICCV 2015, with a = √5); BatchNorm begins as the identity. Each slice has a stream of
/// its own, so the values depend on the seed and the slice's name, and not on the libtorch that is installed.
/// </remarks>
public static class Initializer
{
    /// <summary>Initial weights and buffers.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="seeds">The run's randomness; all nodes get the same weights.</param>
    public static ParameterVector Initialize(ParameterLayout layout, Seeds seeds)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(seeds);
        var values = new float[layout.Length];
        var weights = layout.Slices.Where(s => LastPart(s.Name) == "weight").ToDictionary(s => Owner(s.Name));
        foreach (var slice in layout.Slices)
            Fill(values.AsSpan(slice.Offset, slice.Length), slice, weights.GetValueOrDefault(Owner(slice.Name)), seeds);
        return ParameterVector.Own(values);
    }

    private static void Fill(Span<float> values, ParameterSlice slice, ParameterSlice? weight, Seeds seeds)
    {
        var scales = weight is { Shape.Count: 1 }; // BatchNorm: one factor and one offset a channel
        switch (LastPart(slice.Name))
        {
            case "running_mean": break;
            case "running_var": values.Fill(1); break;
            case "weight" when scales: values.Fill(1); break;
            case "bias" when scales: break;
            case "weight" or "bias" when weight is not null:
                var fanIn = weight.Length / weight.Shape[0];
                Uniform(values, 1 / Math.Sqrt(fanIn), seeds.Stream("initial-weights/" + slice.Name));
                break;
            default: throw new ArgumentException($"There is no rule for the first values of {slice.Name}.");
        }
    }

    private static void Uniform(Span<float> values, double bound, RandomStream stream)
    {
        foreach (ref var value in values) value = (float)((2 * stream.NextDouble() - 1) * bound);
    }

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static string Owner(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];
}
