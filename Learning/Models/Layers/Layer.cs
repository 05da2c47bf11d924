using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>A layer of a network, as every engine reads it.</summary>
/// <param name="Name">State-dict name within the layer's block; null for a layer without weights.</param>
public abstract record Layer(string? Name)
{
    /// <summary>Shape of what the layer gives of a sample.</summary>
    /// <param name="input">Shape of what it takes in: (channels, height, width), or (values).</param>
    /// <param name="outputs">Outputs of the whole network.</param>
    public virtual SampleShape OutputOf(SampleShape input, int outputs) => input;

    /// <summary>The layer's tensors in state-dict order, parameters before buffers.</summary>
    /// <param name="input">Shape of what it takes in.</param>
    /// <param name="outputs">Outputs of the whole network.</param>
    public virtual IEnumerable<LayerTensor> TensorsOf(SampleShape input, int outputs) => [];

    /// <summary>
    /// Multiplications of a sample's forward pass, a number for each layer with weights that multiply inputs.
    /// </summary>
    /// <param name="input">Shape of what it takes in.</param>
    /// <param name="outputs">Outputs of the whole network.</param>
    public virtual IEnumerable<long> ProductsOf(SampleShape input, int outputs) => [];
}

/// <summary>A tensor of a layer.</summary>
/// <param name="Name">State-dict name, from the layer on that says it.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Kind">What it is.</param>
public sealed record LayerTensor(string Name, IReadOnlyList<int> Shape, TensorKind Kind);

/// <summary>What a tensor of a layer is.</summary>
public enum TensorKind
{
    /// <summary>Gradients move it.</summary>
    Parameter,

    /// <summary>Floats that forward passes write: running statistics.</summary>
    Buffer,

    /// <summary>A whole number, which no vector holds.</summary>
    Counter,
}
