using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Experiments;

/// <summary>The kinds of components that an experiment file chooses from.</summary>
public static class ExperimentKinds
{
    /// <summary>One catalog a kind, in the order in which the experiment file names the kinds.</summary>
    /// <remarks>The kinds are those of the <see cref="Experiment"/> record; a new one needs no registration.</remarks>
    public static IReadOnlyList<ComponentCatalog> All => [.. Catalogs.KindsOf(typeof(Experiment)).Select(Catalogs.Of)];
}
