using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Models.Layers;

namespace Orleans.FL.Learning.Models;

/// <summary>Multinomial logistic regression: one linear layer on the pixels, a convex problem.</summary>
/// <remarks>28×28 images of one channel and 10 classes: 7,850 parameters.</remarks>
[Component("logistic-regression", Summary = "One linear layer on the pixels (28x28x1, 10 classes: 7,850 parameters).")]
public sealed class LogisticRegression : Model
{
    /// <inheritdoc/>
    public override Architecture Architecture { get; } = new(new Flatten(), new Linear("linear"));
}
