using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.TorchLoading;

namespace Orleans.FL.Learning.Models;

/// <summary>The layouts of the models' weight vectors.</summary>
public static class ParameterLayouts
{
    private static readonly ConcurrentDictionary<(Component<Model>, SampleShape, int), Lazy<ParameterLayout>> Known =
        new();

    /// <summary>
    /// The layout of a model; built once a process, with libtorch where the model does not list its layers.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <exception cref="ExperimentException">The model refuses such samples.</exception>
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
            Known.TryRemove(new(key, layout)); // an error may pass, e.g. a missing library
            throw;
        }
    }

    private static ParameterLayout Build(Component<Model> model, SampleShape input, int outputs)
    {
        var component = model.Create();
        if (component.Refusal(input) is { } refusal) throw new ExperimentException(refusal);
        if (component.Architecture is { } layers) return layers.Layout(input, outputs);
        TorchRuntime.EnsureLoaded();
        return OfNetwork(component, input, outputs);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may touch torch before it is loaded
    private static ParameterLayout OfNetwork(Model model, SampleShape input, int outputs)
    {
        using var network = model.Build(input, outputs);
        return NetworkLayout.Of(network);
    }
}
