using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models.Layers;

namespace Orleans.FL.Learning.Models;

/// <summary>A multilayer perceptron with ReLU; by default the "2NN" of the paper.</summary>
/// <remarks>
/// McMahan, Moore, Ramage, Hampson, Agüera y Arcas, Communication-Efficient Learning of Deep Networks from
/// Decentralized Data, AISTATS 2017, arXiv:1602.05629, section 3. State-dict names: <c>fc1</c>, <c>fc2</c>, … in order.
/// </remarks>
/// <param name="options">Widths of the hidden layers.</param>
[Component("mlp",
    Summary = "Multilayer perceptron with ReLU (28x28x1, 10 classes, two hidden layers of 200: 199,210 parameters).",
    Source = "McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, "
        + "AISTATS 2017 (2NN)")]
public sealed class Mlp(Mlp.Options options) : Model
{
    /// <summary>Options of <see cref="Mlp"/>.</summary>
    public sealed record Options
    {
        /// <summary>Widths of the hidden layers, from input to output.</summary>
        [Option("Widths of the hidden layers, from input to output.", Min = 1, Max = 65_536)]
        public EquatableList<int> Hidden { get; init; } = [200, 200];
    }

    /// <inheritdoc/>
    public override Architecture Architecture { get; } = new(
    [
        new Flatten(),
        .. options.Hidden.SelectMany((units, i) => (Layer[])[new Linear($"fc{i + 1}", units), new Relu()]),
        new Linear($"fc{options.Hidden.Count + 1}"),
    ]);
}
