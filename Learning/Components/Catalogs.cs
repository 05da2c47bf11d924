using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.FL.Learning.Components;

/// <summary>The catalogs of all kinds that an experiment file chooses from.</summary>
public static class Catalogs
{
    private static readonly ConcurrentDictionary<Type, ComponentCatalog> Known = new();
    private static readonly Lock Gate = new();

    private static Assembly[] _included = [];

    /// <summary>Adds the components of another assembly than that of their kinds.</summary>
    /// <remarks>
    /// To be called before the first experiment is read: what was read before does not know them. All silos of a run
    /// need the same assemblies.
    /// </remarks>
    /// <param name="assembly">The assembly; one that is included already changes nothing.</param>
    public static void Include(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        lock (Gate)
        {
            if (_included.Contains(assembly)) return;
            _included = [.. _included, assembly];
            Known.Clear();
        }
    }

    /// <summary>The catalog of a kind: the named classes of the kind's assembly and of those included.</summary>
    /// <param name="kind">The kind's base class.</param>
    /// <exception cref="InvalidOperationException">Two components share a name, or one breaks the rules of
    /// <see cref="ComponentAttribute"/>.</exception>
    public static ComponentCatalog Of(Type kind) => Known.GetOrAdd(kind, k => new ComponentCatalog(
        k, _included.Prepend(k.Assembly).Distinct().SelectMany(a => a.GetTypes())));

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
