using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;
using TorchSharp;

namespace Orleans.FL.Learning.Models;

/// <summary>A network that maps samples to outputs: scores of classes, or whatever its task asks for.</summary>
public abstract class Model
{
    /// <summary>
    /// Constructors of layers draw from libtorch's global generator, which is not made for several threads.
    /// </summary>
    internal static Lock Construction { get; } = new();

    private readonly Lazy<DenseStack?> _dense;

    /// <summary>A network.</summary>
    protected Model() => _dense = new(() => Architecture?.AsDense());

    /// <summary>Why the model cannot take such samples, with the remedy; null if it can.</summary>
    /// <param name="input">Shape of a sample.</param>
    public virtual string? Refusal(SampleShape input) => null;

    /// <summary>
    /// Fewest samples that a training batch of such samples may hold: 2 where BatchNorm sees one pixel a sample.
    /// </summary>
    /// <param name="input">Shape of a sample.</param>
    public virtual int SmallestBatch(SampleShape input) => 1;

    /// <summary>
    /// The layers that the network is, which every engine reads; null for a network that libtorch alone knows.
    /// </summary>
    public virtual Architecture? Architecture => null;

    /// <summary>The linear layers that the network is, if it is nothing else; null for any other network.</summary>
    public DenseStack? Dense => _dense.Value;

    /// <summary>
    /// The convolutions and linear layers that the network is, if it is nothing else; null for any other network.
    /// </summary>
    public LayerStack? Stack => Architecture is { } layers
        ? Dense is { } dense ? new([], dense) : layers.AsStack()
        : null;

    /// <summary>
    /// Names of the layers that the network can be cut between, from input to output; null if nobody may cut it.
    /// </summary>
    /// <remarks>
    /// They are the modules with weights among the children of what <see cref="Build"/> gives, and those children,
    /// called one after the other, are the network. What has no weights goes with the layer before it. A stage of
    /// residual blocks is one layer: a cut within would cross its shortcuts. A network with dropout is not cut.
    /// </remarks>
    public virtual IReadOnlyList<string>? Layers => Architecture is { HasDropout: false } layers ? layers.Names : null;

    /// <summary>
    /// Multiplications of a sample's forward pass in each layer that has weights, from input to output.
    /// </summary>
    /// <remarks>
    /// Each comes with an addition, so operations are twice as many. Normalisation, activations and pooling are
    /// not counted.
    /// </remarks>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Number of outputs of a sample.</param>
    /// <returns>Empty if nobody has counted them.</returns>
    public virtual IReadOnlyList<long> Products(SampleShape input, int outputs) =>
        Architecture?.Products(input, outputs) ?? [];

    /// <summary>Builds the network; its parameters' values do not matter (the initialiser sets them).</summary>
    /// <remarks>
    /// TorchSharp's layers leave tensors to the collector, which may free one while native code reads it: the size of a
    /// convolution's filters is read so. Here a scope refers to all of them until the network stands.
    /// </remarks>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Number of outputs of a sample.</param>
    /// <returns>A module from (n, …shape of a sample) floats to (n, outputs).</returns>
    public torch.nn.Module<torch.Tensor, torch.Tensor> Build(SampleShape input, int outputs)
    {
        lock (Construction)
        {
            using var scope = torch.NewDisposeScope();
            var network = Assemble(input, outputs);
            foreach (var tensor in network.parameters().Concat(network.buffers())) tensor.DetachFromDisposeScope();
            return network;
        }
    }

    /// <summary>The refusal of a model that works on images alone; null if samples are images.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="input">Shape of a sample.</param>
    protected static string? ImagesOnly(string model, SampleShape input) => input.Sizes.Count == 3
        ? null
        : $"The model {model} needs images of shape (channels, height, width), not samples of shape {input}; "
            + "mlp takes any shape.";

    /// <summary>The refusal of images that the layers would shrink to nothing; null if they are large enough.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="input">Shape of a sample, an image.</param>
    /// <param name="smallest">Fewest rows and columns.</param>
    protected static string? TooSmall(string model, SampleShape input, int smallest) =>
        Math.Min(input.Sizes[1], input.Sizes[2]) >= smallest
            ? null
            : $"The model {model} shrinks images, so it needs {smallest}x{smallest} pixels or more, not "
                + $"{input.Sizes[1]}x{input.Sizes[2]}; mlp and logistic-regression take any size.";

    /// <summary>Makes the layers of the network: those of <see cref="Architecture"/>, if there are.</summary>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Number of outputs of a sample.</param>
    /// <returns>A module from (n, …shape of a sample) floats to (n, outputs).</returns>
    protected virtual torch.nn.Module<torch.Tensor, torch.Tensor> Assemble(SampleShape input, int outputs) =>
        Architecture is { } layers
            ? TorchLayers.Build(layers.Layers, input, outputs)
            : throw new NotSupportedException($"The model {GetType().Name} neither lists its layers nor builds them.");
}
