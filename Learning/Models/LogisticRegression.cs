using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Models;

/// <summary>Multinomial logistic regression: one linear layer on the pixels, a convex problem.</summary>
/// <remarks>28×28 images of one channel and 10 classes: 7,850 parameters.</remarks>
[Component("logistic-regression", Summary = "One linear layer on the pixels (28x28x1, 10 classes: 7,850 parameters).")]
public sealed class LogisticRegression : Model
{
    /// <inheritdoc/>
    public override DenseStack? Dense { get; } = new(["linear"], []);

    /// <inheritdoc/>
    protected override nn.Module<Tensor, Tensor> Assemble(SampleShape input, int outputs) =>
        nn.Sequential(("flatten", nn.Flatten()), ("linear", nn.Linear(input.Length, outputs)));
}
