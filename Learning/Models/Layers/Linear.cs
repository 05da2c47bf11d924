using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>A linear layer with a bias: (values) to (units).</summary>
/// <param name="Name">State-dict name.</param>
/// <param name="Units">Values that it gives; null for as many as the network has outputs.</param>
public sealed record Linear(string Name, int? Units = null) : Layer(Name)
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is maps.</exception>
    public override SampleShape OutputOf(SampleShape input, int outputs) => input.Sizes.Count == 1
        ? new(Units ?? outputs)
        : throw new ArgumentException(
            $"The linear layer {Name} takes values, not maps of shape {input}; put Flatten before it.", nameof(input));

    /// <inheritdoc/>
    public override IEnumerable<LayerTensor> TensorsOf(SampleShape input, int outputs) =>
    [
        new($"{Name}.weight", [Units ?? outputs, input.Length], TensorKind.Parameter),
        new($"{Name}.bias", [Units ?? outputs], TensorKind.Parameter),
    ];

    /// <inheritdoc/>
    public override IEnumerable<long> ProductsOf(SampleShape input, int outputs) =>
        [(long)input.Length * (Units ?? outputs)];
}
