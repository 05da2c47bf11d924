using System.Collections.Concurrent;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training;

/// <summary>The layouts of the models' weight vectors.</summary>
public static class ParameterLayouts
{
    private static readonly ConcurrentDictionary<(Component<Model>, SampleShape, int), Lazy<ParameterLayout>> Known = new();

    /// <summary>The layout of a model; built once a process, with libtorch where the model is no stack of linear layers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <exception cref="Experiments.ExperimentException">The model refuses such samples.</exception>
    /// <exception cref="TorchUnavailableException">libtorch is missing or does not load.</exception>
    public static ParameterLayout LayoutOf(Component<Model> model, SampleShape input, int outputs)
    {
        var key = (model, input, outputs);
        var layout = Known.GetOrAdd(key, k => new(() => Build(k.Item1, k.Item2, k.Item3)));
        try
        {
            return layout.Value;
        }
        catch
        {
            Known.TryRemove(new(key, layout)); // a error may pass, e.g. a missing library
            throw;
        }
    }

    private static ParameterLayout Build(Component<Model> model, SampleShape input, int outputs)
    {
        var component = model.Create();
        if (component.Refusal(input) is null && component.Dense is { } stack) return stack.Layout(input, outputs);
        using var instance = ModelInstance.Build(model, input, outputs);
        return instance.Layout;
    }
}

/// <summary>Reads the layout off a network.</summary>
internal static class NetworkLayout
{
    /// <summary>The layout of a network: parameters, then float buffers; integer buffers are counters.</summary>
    public static ParameterLayout Of(nn.Module<Tensor, Tensor> network)
    {
        var slices = new List<ParameterSlice>();
        foreach (var (name, parameter) in network.named_parameters()) Append(name, parameter, trainable: true);
        var buffers = network.named_buffers().ToList();
        foreach (var (name, buffer) in buffers.Where(b => IsFloat(b.buffer))) Append(name, buffer, trainable: false);
        return new(slices, [.. buffers.Where(b => !IsFloat(b.buffer)).Select(b => b.name)]);

        void Append(string name, Tensor tensor, bool trainable) => slices.Add(new(
            name, [.. tensor.shape.Select(d => checked((int)d))], slices.Count == 0 ? 0 : End(slices[^1]), trainable));
    }

    /// <summary>Whether a tensor holds floats, and so belongs into the vector.</summary>
    public static bool IsFloat(Tensor tensor) => tensor.dtype == ScalarType.Float32;

    private static int End(ParameterSlice slice) => checked(slice.Offset + slice.Length);
}
