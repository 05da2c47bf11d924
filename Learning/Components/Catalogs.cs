using System.Collections.Concurrent;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Learning.Components;

/// <summary>The catalogs of all kinds that an experiment file chooses from.</summary>
public static class Catalogs
{
    private static readonly ConcurrentDictionary<Type, ComponentCatalog> Known = new();

    /// <summary>One catalog a kind, in the order in which the experiment file names the kinds.</summary>
    /// <remarks>The kinds are those of the <see cref="Experiment"/> record; a new one needs no registration.</remarks>
    /// <exception cref="InvalidOperationException">Two components share a name, or one breaks the rules of
    /// <see cref="ComponentAttribute"/>.</exception>
    public static IReadOnlyList<ComponentCatalog> All => [.. KindsOf(typeof(Experiment)).Select(Of)];

    /// <summary>The catalog of a kind: the named classes of the kind's assembly.</summary>
    /// <param name="kind">The kind's base class.</param>
    public static ComponentCatalog Of(Type kind) =>
        Known.GetOrAdd(kind, k => new ComponentCatalog(k, k.Assembly.GetTypes()));

    /// <summary>The kinds that a record's options choose from, also through the options of its components.</summary>
    internal static IReadOnlyList<Type> KindsOf(Type record)
    {
        List<Type> kinds = [];
        HashSet<Type> seen = [];
        Visit(record);
        return kinds;

        void Visit(Type settings)
        {
            if (!seen.Add(settings)) return;
            foreach (var option in OptionSpec.Of(settings))
            {
                var innermost = option.Type;
                while (innermost.Item is not null) innermost = innermost.Item;
                if (innermost.Form == OptionForm.Settings) Visit(innermost.Type);
                if (innermost.Kind is { } kind) VisitKind(kind);
            }
        }

        void VisitKind(Type kind)
        {
            if (kinds.Contains(kind)) return;
            kinds.Add(kind);
            foreach (var component in Of(kind).All)
                if (component.OptionsType is { } options) Visit(options);
        }
    }
}
