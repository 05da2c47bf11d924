using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Models.Layers;

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
    public override Architecture Architecture { get; } = new(new Flatten(), new Linear("linear"));
}
