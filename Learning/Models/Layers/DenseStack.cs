using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>
/// A network that is linear layers with ReLU between them, on the values of a sample: what the dense engine can do.
/// </summary>
/// <param name="Names">State-dict names of the layers, from input to output.</param>
/// <param name="Hidden">Widths of the hidden layers, from input to output; one fewer than there are layers.</param>
public sealed record DenseStack(IReadOnlyList<string> Names, IReadOnlyList<int> Hidden)
{
    /// <summary>Widths of all layers, the values of a sample first, the outputs last.</summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Number of outputs of a sample.</param>
    public int[] Widths(SampleShape input, int outputs) => [input.Length, .. Hidden, outputs];

    /// <summary>
    /// The layout of the weights: for each layer its weight (outputs, inputs) and its bias (outputs).
    /// </summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Number of outputs of a sample.</param>
    public ParameterLayout Layout(SampleShape input, int outputs)
    {
        var widths = Widths(input, outputs);
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
