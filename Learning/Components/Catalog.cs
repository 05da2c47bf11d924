using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Components;

/// <summary>The components of a kind, typed: what experiment files may choose for it.</summary>
/// <typeparam name="T">The kind: <c>Algorithm</c>, <c>Topology</c>, …</typeparam>
public static class Catalog<T> where T : class
{
    /// <summary>All components, ordered by name.</summary>
    public static IReadOnlyList<ComponentSpec> All => Untyped.All;

    private static ComponentCatalog Untyped => Catalogs.Of(typeof(T));

    /// <summary>The component of that name; null if there is none.</summary>
    /// <param name="name">Canonical name or alias.</param>
    public static ComponentSpec? Find(string name) => Untyped.Find(name);

    /// <summary>A new instance of a component.</summary>
    /// <param name="name">Canonical name or alias.</param>
    /// <param name="options">Its options; null for its defaults.</param>
    /// <exception cref="ExperimentException">There is no component of that name.</exception>
    /// <exception cref="ArgumentException">The options are another component's.</exception>
    public static T Create(string name, object? options) => (T)Untyped.Create(name, options);
}
