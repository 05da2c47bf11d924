using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training.Dense;

/// <summary>Some consecutive layers of a model that is linear layers with ReLU.</summary>
internal sealed class PartOfModel
{
    private readonly int _from; // in vectors of the whole model

    /// <summary>Some layers.</summary>
    /// <param name="model">The model, which <see cref="Model.Dense"/> describes.</param>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="from">First layer, from 0.</param>
    /// <param name="to">The layer behind the last; more than <paramref name="from"/>.</param>
    public PartOfModel(Component<Model> model, ImageShape input, int classes, int from, int to)
    {
        var stack = model.Create().Dense ?? throw new ArgumentException($"The model {model.Name} is no stack of linear layers.", nameof(model));
        var slices = stack.Layout(input, classes).Slices;
        (_from, First, Last) = (slices[2 * from].Offset, from == 0, 2 * to == slices.Count);
        Layout = new ParameterLayout([.. slices.Skip(2 * from).Take(2 * (to - from)).Select(s => s with { Offset = s.Offset - _from })]);
    }

    /// <summary>Layout of vectors of these layers alone.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Whether the network begins with them.</summary>
    public bool First { get; }

    /// <summary>Whether the network ends with them.</summary>
    public bool Last { get; }

    /// <summary>What a vector of the whole model holds of these layers.</summary>
    /// <param name="whole">A vector of the whole model.</param>
    public ParameterVector Take(ParameterVector whole) => ParameterVector.CopyOf(whole.Span.Slice(_from, Layout.Length));

    /// <summary>Writes these layers' values into a vector of the whole model.</summary>
    /// <param name="part">What <see cref="Take"/> gives.</param>
    /// <param name="whole">The vector's values.</param>
    public void Put(ParameterVector part, Span<float> whole) => part.Span.CopyTo(whole[_from..]);
}
