using Orleans.FL.Learning.Datasets;
using TorchSharp;

namespace Orleans.FL.Learning.Models;

/// <summary>A network that maps images to one score (logit) a class.</summary>
public abstract class Model
{
    /// <summary>Why the model cannot take such images, with the remedy; null if it can.</summary>
    /// <param name="input">Shape of the images.</param>
    public virtual string? Refusal(ImageShape input) => null;

    /// <summary>Fewest samples that a training batch of such images may hold: 2 where BatchNorm sees one pixel a sample.</summary>
    /// <param name="input">Shape of the images.</param>
    public virtual int SmallestBatch(ImageShape input) => 1;

    /// <summary>The linear layers that the network is, if it is nothing else; null for any other network.</summary>
    public virtual DenseStack? Dense => null;

    /// <summary>The convolutions and linear layers that the network is, if it is nothing else; null for any other network.</summary>
    public virtual LayerStack? Stack => Dense is { } dense ? new([], dense) : null;

    /// <summary>Names of the layers that the network is cut between in split learning, from input to output; null if it cannot be cut.</summary>
    /// <remarks>
    /// They are the modules with weights among the children of what <see cref="Build"/> gives, and those children, called one after the other, are the
    /// network. What has no weights goes with the layer before it. A stage of residual blocks is one layer: a cut within would cross its shortcuts.
    /// </remarks>
    public virtual IReadOnlyList<string>? Layers => Stack is { } stack ? [.. stack.Convolutions.Select(c => c.Name), .. stack.Linear.Names] : null;

    /// <summary>Multiplications of a sample's forward pass in each layer that has weights, from input to output.</summary>
    /// <remarks>Each comes with an addition, so operations are twice as many. Normalisation, activations and pooling are not counted.</remarks>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>Empty if nobody has counted them.</returns>
    public virtual IReadOnlyList<long> Products(ImageShape input, int classes)
    {
        if (Dense is not { } stack) return [];
        var widths = stack.Widths(input, classes);
        return [.. widths.Zip(widths.Skip(1), (from, to) => (long)from * to)];
    }

    /// <summary>Builds the network; its parameters' values do not matter (the initialiser sets them).</summary>
    /// <remarks>
    /// TorchSharp's layers leave tensors to the collector, which may free one while native code reads it: the size of a convolution's filters is read so.
    /// Here a scope refers to all of them until the network stands.
    /// </remarks>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>A module from (n, channels, height, width) floats to (n, classes) logits.</returns>
    public torch.nn.Module<torch.Tensor, torch.Tensor> Build(ImageShape input, int classes)
    {
        using var scope = torch.NewDisposeScope();
        var network = Assemble(input, classes);
        foreach (var tensor in network.parameters().Concat(network.buffers())) tensor.DetachFromDisposeScope();
        return network;
    }

    /// <summary>Makes the layers of the network.</summary>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>A module from (n, channels, height, width) floats to (n, classes) logits.</returns>
    protected abstract torch.nn.Module<torch.Tensor, torch.Tensor> Assemble(ImageShape input, int classes);
}
