using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Models;

/// <summary>
/// Linear regression: one linear layer on the values of a sample, a convex problem under a squared error.
/// </summary>
/// <remarks>Rows of 10 columns and one target: 11 parameters.</remarks>
[Component("linear-regression",
    Summary = "One linear layer on the values of a sample (10 columns, one target: 11 parameters).")]
public sealed class LinearRegression : Model
{
    /// <inheritdoc/>
    public override DenseStack? Dense { get; } = new(["linear"], []);

    /// <inheritdoc/>
    protected override nn.Module<Tensor, Tensor> Assemble(SampleShape input, int outputs) =>
        nn.Sequential(("flatten", nn.Flatten()), ("linear", nn.Linear(input.Length, outputs)));
}
