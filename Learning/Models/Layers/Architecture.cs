using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>The layers of a network, from input to output: the one description that all engines read.</summary>
/// <param name="Layers">The layers.</param>
public sealed record Architecture(params IReadOnlyList<Layer> Layers)
{
    /// <summary>Shape of what each layer takes in, and that of the outputs at last.</summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    public IReadOnlyList<SampleShape> Shapes(SampleShape input, int outputs)
    {
        var shapes = new List<SampleShape> { input };
        foreach (var layer in Layers) shapes.Add(layer.OutputOf(shapes[^1], outputs));
        return shapes;
    }

    /// <summary>The layout of the network's vector: parameters, then float buffers, each in state-dict order.</summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    public ParameterLayout Layout(SampleShape input, int outputs)
    {
        var shapes = Shapes(input, outputs);
        var tensors = Layers.SelectMany((layer, i) => layer.TensorsOf(shapes[i], outputs)).ToList();
        var slices = new List<ParameterSlice>();
        var offset = 0;
        foreach (var kind in (ReadOnlySpan<TensorKind>)[TensorKind.Parameter, TensorKind.Buffer])
            foreach (var tensor in tensors.Where(t => t.Kind == kind))
            {
                slices.Add(new(tensor.Name, tensor.Shape, offset, kind == TensorKind.Parameter));
                offset = checked(offset + slices[^1].Length);
            }
        return new(slices, [.. tensors.Where(t => t.Kind == TensorKind.Counter).Select(t => t.Name)]);
    }

    /// <summary>Multiplications of a sample's forward pass, layer by layer.</summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    public IReadOnlyList<long> Products(SampleShape input, int outputs)
    {
        var shapes = Shapes(input, outputs);
        return [.. Layers.SelectMany((layer, i) => layer.ProductsOf(shapes[i], outputs))];
    }

    /// <summary>Names of the layers with weights, from input to output; a block is one of them.</summary>
    public IReadOnlyList<string> Names => [.. Layers.Select(l => l.Name).OfType<string>()];

    /// <summary>Whether the samples of a training batch depend on each other.</summary>
    public bool HasBatchNorm => Flat(Layers).Any(l => l is BatchNorm);

    /// <summary>Whether a layer drops values in training.</summary>
    public bool HasDropout => DropoutDraws.RatesOf(Layers).Any();

    /// <summary>Values that a sample has between the layers, in all.</summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    public long ValuesOf(SampleShape input, int outputs)
    {
        var shapes = Shapes(input, outputs);
        return input.Length + Layers.Select((layer, i) => ValuesOf(layer, shapes[i], outputs)).Sum();
    }

    /// <summary>Some consecutive layers.</summary>
    /// <param name="from">Name of the first; null for the first of all.</param>
    /// <param name="to">Name of the layer behind the last; null for none.</param>
    public (int From, int To) Range(string? from, string? to) =>
        (from is null ? 0 : IndexOf(from), to is null ? Layers.Count : IndexOf(to));

    /// <summary>The network as linear layers with ReLU between them; null if it is another.</summary>
    public DenseStack? AsDense() => Layers is [Flatten, ..] ? LinearFrom(1) : null;

    /// <summary>
    /// The network as convolutions, each padded to keep the size, with ReLU and halved by max-pooling, and then linear
    /// layers with ReLU between them; null if it is another.
    /// </summary>
    public LayerStack? AsStack()
    {
        var convolutions = new List<Convolution>();
        var at = 0;
        while (at + 3 <= Layers.Count && Layers[at] is Convolution { Stride: 1, Bias: true } convolution
            && convolution.Size == 2 * convolution.Padding + 1
            && Layers[at + 1] is Relu && Layers[at + 2] is MaxPool { Size: 2 })
        {
            convolutions.Add(convolution);
            at += 3;
        }
        return at < Layers.Count && Layers[at] is Flatten && LinearFrom(at + 1) is { } linear
            ? new(convolutions, linear)
            : null;
    }

    private static long ValuesOf(Layer layer, SampleShape input, int outputs) => layer switch
    {
        Block block => new Architecture(block.Layers).ValuesOf(input, outputs) - input.Length,
        Residual residual => new Architecture(residual.Layers).ValuesOf(input, outputs)
            + new Architecture(residual.Shortcut).ValuesOf(input, outputs) - input.Length,
        _ => layer.OutputOf(input, outputs).Length,
    };

    private static IEnumerable<Layer> Flat(IEnumerable<Layer> layers) => layers.SelectMany(layer => layer switch
    {
        Block block => Flat(block.Layers),
        Residual residual => Flat(residual.Layers).Concat(Flat(residual.Shortcut)),
        _ => [layer],
    });

    private int IndexOf(string name) => Layers.Index().First(l => l.Item.Name == name).Index;

    private DenseStack? LinearFrom(int at)
    {
        var (names, hidden) = (new List<string>(), new List<int>());
        for (; at < Layers.Count && Layers[at] is Linear linear; at += 2)
        {
            names.Add(linear.Name!); // linear layers have names
            if (at == Layers.Count - 1) return linear.Units is null ? new(names, hidden) : null;
            if (linear.Units is not { } units || Layers[at + 1] is not Relu) return null;
            hidden.Add(units);
        }
        return null;
    }
}
