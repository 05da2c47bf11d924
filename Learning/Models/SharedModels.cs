using System.Collections.Concurrent;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Models;

/// <summary>One instance of each model of a process: a job asks for it more often than one cares to build it.</summary>
internal static class SharedModels
{
    private static readonly ConcurrentDictionary<Component<Model>, Model> Known = new();

    /// <summary>The model that a component means. Models do not change.</summary>
    /// <param name="component">The component.</param>
    public static Model Of(Component<Model> component) => Known.GetOrAdd(component, c => c.Create());
}
