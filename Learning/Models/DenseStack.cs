using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Models;

/// <summary>A network that is linear layers with ReLU between them, on the pixels of an image: what the dense engine can do.</summary>
/// <param name="Names">State-dict names of the layers, from input to output.</param>
/// <param name="Hidden">Widths of the hidden layers, from input to output; one fewer than there are layers.</param>
public sealed record DenseStack(IReadOnlyList<string> Names, IReadOnlyList<int> Hidden)
{
    /// <summary>Widths of all layers, the images' pixels first, the classes last.</summary>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    public int[] Widths(ImageShape input, int classes) => [input.Length, .. Hidden, classes];

    /// <summary>The layout of the weights: for each layer its weight (outputs, inputs) and its bias (outputs).</summary>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    public ParameterLayout Layout(ImageShape input, int classes)
    {
        var widths = Widths(input, classes);
        var slices = new List<ParameterSlice>();
        var offset = 0;
        foreach (var (i, name) in Names.Index())
        {
            Append($"{name}.weight", [widths[i + 1], widths[i]]);
            Append($"{name}.bias", [widths[i + 1]]);
        }
        return new(slices);

        void Append(string name, int[] shape)
        {
            slices.Add(new(name, shape, offset, Trainable: true));
            offset = checked(offset + slices[^1].Length);
        }
    }
}
