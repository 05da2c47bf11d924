using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Training.Engines;

/// <summary>Some consecutive layers of a model.</summary>
internal sealed class PartOfModel
{
    /// <summary>Some layers.</summary>
    /// <param name="model">The model, which says its <see cref="Models.Model.Layers"/>.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">What its outputs are for.</param>
    /// <param name="from">First layer, from 0.</param>
    /// <param name="to">The layer behind the last; more than <paramref name="from"/>.</param>
    public PartOfModel(Component<Model> model, SampleShape input, TaskOutputs outputs, int from, int to)
    {
        var layers = model.Create().Layers
            ?? throw new ArgumentException($"The model {model.Name} cannot be cut.", nameof(model));
        (Model, Input, Outputs, First, Last) = (model, input, outputs, from == 0, to == layers.Count);
        Layers = [.. layers.Take(to).Skip(from)];
        Next = Last ? null : layers[to];
        Values = LayoutPart.OfLayers(ParameterLayouts.LayoutOf(model, input, outputs.Count), Layers);
    }

    /// <summary>The model.</summary>
    public Component<Model> Model { get; }

    /// <summary>Shape of a sample.</summary>
    public SampleShape Input { get; }

    /// <summary>What the whole model's outputs are for.</summary>
    public TaskOutputs Outputs { get; }

    /// <summary>Names of the layers, one or more.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>Name of the layer behind them; null if the network ends with them.</summary>
    public string? Next { get; }

    /// <summary>Whether the network begins with them.</summary>
    public bool First { get; }

    /// <summary>Whether the network ends with them.</summary>
    public bool Last { get; }

    /// <summary>What a vector of the whole model holds of them.</summary>
    public LayoutPart Values { get; }
}
