using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>Layers one after the other under a name.</summary>
/// <param name="Name">State-dict name that comes before those of its layers.</param>
/// <param name="Layers">The layers.</param>
public sealed record Block(string Name, IReadOnlyList<Layer> Layers) : Layer(Name)
{
    /// <inheritdoc/>
    public override SampleShape OutputOf(SampleShape input, int outputs) =>
        Layers.Aggregate(input, (shape, layer) => layer.OutputOf(shape, outputs));

    /// <inheritdoc/>
    public override IEnumerable<LayerTensor> TensorsOf(SampleShape input, int outputs)
    {
        foreach (var layer in Layers)
        {
            foreach (var tensor in layer.TensorsOf(input, outputs))
                yield return tensor with { Name = $"{Name}.{tensor.Name}" };
            input = layer.OutputOf(input, outputs);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<long> ProductsOf(SampleShape input, int outputs)
    {
        foreach (var layer in Layers)
        {
            foreach (var products in layer.ProductsOf(input, outputs)) yield return products;
            input = layer.OutputOf(input, outputs);
        }
    }
}

/// <summary>Layers beside a shortcut: what both make of the input is added.</summary>
/// <param name="Name">State-dict name that comes before those of its layers.</param>
/// <param name="Layers">The layers.</param>
/// <param name="Shortcut">Layers of the shortcut, named <c>shortcut.…</c>; none for the input itself.</param>
public sealed record Residual(string Name, IReadOnlyList<Layer> Layers, IReadOnlyList<Layer> Shortcut) : Layer(Name)
{
    /// <summary>The layers beside the shortcut.</summary>
    public IReadOnlyList<Layer> Layers { get; } = Checked(Layers);

    /// <summary>Layers of the shortcut; none for the input itself.</summary>
    public IReadOnlyList<Layer> Shortcut { get; } = Checked(Shortcut);

    /// <summary>The last of the layers beside the shortcut; null if there is none.</summary>
    public Layer? Last => Layers.Count == 0 ? null : Layers[^1];

    /// <summary>The layers, named as they are in the residual block.</summary>
    public Block Inner { get; } = new(Name, Layers);

    /// <summary>The shortcut as a block; null for the input itself.</summary>
    public Block? Beside { get; } = Shortcut.Count == 0 ? null : new(Name, [new Block("shortcut", Shortcut)]);

    /// <inheritdoc/>
    public override SampleShape OutputOf(SampleShape input, int outputs) => Inner.OutputOf(input, outputs);

    /// <inheritdoc/>
    public override IEnumerable<LayerTensor> TensorsOf(SampleShape input, int outputs) =>
        Inner.TensorsOf(input, outputs).Concat(Beside?.TensorsOf(input, outputs) ?? []);

    /// <inheritdoc/>
    public override IEnumerable<long> ProductsOf(SampleShape input, int outputs) =>
        Inner.ProductsOf(input, outputs).Concat(Beside?.ProductsOf(input, outputs) ?? []);

    // ReLU and dropout work in place, so the other branch would see what they made of the input.
    private static IReadOnlyList<Layer> Checked(IReadOnlyList<Layer> layers) => layers is [Relu or Dropout, ..]
        ? throw new ArgumentException("A branch of a residual block cannot begin with ReLU or dropout, which change "
            + "the input of the other branch; put the layer before the block.", nameof(layers))
        : layers;
}
