namespace Orleans.FL.Learning.Components;

/// <summary>A component as an experiment file chose it: a name of the catalog and its options.</summary>
/// <typeparam name="T">The kind: <c>Algorithm</c>, <c>Topology</c>, …</typeparam>
/// <param name="Name">The component's canonical name (never an alias).</param>
/// <param name="Options">Its nested <c>Options</c> record; null if it has none.</param>
public sealed record Component<T>(string Name, object? Options) : IChosenComponent where T : class
{
    Type IChosenComponent.Kind => typeof(T);

    /// <summary>A new instance of the component.</summary>
    public T Create() => Catalog<T>.Create(Name, Options);
}

/// <summary>A <see cref="Component{T}"/> of any kind.</summary>
internal interface IChosenComponent
{
    /// <summary>The kind's base class.</summary>
    Type Kind { get; }

    /// <summary>The component's canonical name.</summary>
    string Name { get; }

    /// <summary>Its options; null if it has none.</summary>
    object? Options { get; }
}
