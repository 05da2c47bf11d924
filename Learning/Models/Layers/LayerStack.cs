using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>
/// A network that is convolutions and then linear layers, with ReLU between all of them: what the batched
/// engine can do.
/// </summary>
/// <param name="Convolutions">From input to output: each with a bias, padded to keep the size, then ReLU and
/// max-pooling by 2; may be none.</param>
/// <param name="Linear">The linear layers on what the convolutions leave, channel after channel.</param>
public sealed record LayerStack(IReadOnlyList<Convolution> Convolutions, DenseStack Linear)
{
    /// <summary>The layers with weights, from input to output.</summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Number of outputs of a sample.</param>
    public IReadOnlyList<StackLayer> Layers(SampleShape input, int outputs)
    {
        var layers = new List<StackLayer>();
        foreach (var convolution in Convolutions)
        {
            layers.Add(new(convolution.Name!, // convolutions have names
                [convolution.Channels, input.Sizes[0], convolution.Size, convolution.Size]));
            input = new(convolution.Channels, input.Sizes[1] / 2, input.Sizes[2] / 2);
        }
        var widths = Linear.Widths(input, outputs);
        layers.AddRange(Linear.Names.Select((name, i) => new StackLayer(name, [widths[i + 1], widths[i]])));
        return layers;
    }
}

/// <summary>
/// One layer with weights of a <see cref="LayerStack"/>, seen as a matrix (outputs, inputs) and a bias (outputs).
/// </summary>
/// <param name="Name">State-dict name.</param>
/// <param name="Shape">Shape of its weight: (outputs, inputs), or (outputs, channels, height, width) of a
/// convolution.</param>
public sealed record StackLayer(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>Rows of the matrix.</summary>
    public int Outputs => Shape[0];

    /// <summary>Columns of the matrix.</summary>
    public int Inputs { get; } = Shape.Skip(1).Aggregate(1, (n, d) => checked(n * d));
}
