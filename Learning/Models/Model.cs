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

    /// <summary>Builds the network; its parameters' values do not matter (the initialiser sets them).</summary>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>A module from (n, channels, height, width) floats to (n, classes) logits.</returns>
    public abstract torch.nn.Module<torch.Tensor, torch.Tensor> Build(ImageShape input, int classes);
}
