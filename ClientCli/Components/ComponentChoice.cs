using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.ClientCli.Components;

/// <summary>Some components of one kind.</summary>
/// <param name="Kind">Name of the kind.</param>
/// <param name="Components">The components, by name.</param>
internal sealed record ComponentChoice(string Kind, IReadOnlyList<ComponentSpec> Components)
{
    /// <summary>The components that a user asks about.</summary>
    /// <param name="about">A kind in singular or plural, a component's name or alias, or null for all.</param>
    /// <exception cref="ExperimentException">Nothing is called so.</exception>
    public static IReadOnlyList<ComponentChoice> Of(string? about)
    {
        IReadOnlyList<ComponentChoice> all = [.. ExperimentKinds.All.Select(c => new ComponentChoice(c.Kind, c.All))];
        if (about is null) return all;
        if (all.FirstOrDefault(c => Is(c.Kind) || Is(Plural(c.Kind))) is { } kind) return [kind];

        IReadOnlyList<ComponentChoice> named =
        [
            .. from c in ExperimentKinds.All
               let found = c.Find(about)
               where found is not null
               select new ComponentChoice(c.Kind, [found]),
        ];
        return named.Count > 0
            ? named
            : throw new ExperimentException($"There is no kind and no component named '{about}'. Kinds: "
                + $"{string.Join(", ", all.Select(c => c.Kind.ToLowerInvariant()))}; "
                + "'flctl components' lists all components.");

        bool Is(string name) => name.Equals(about, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The plural of a kind's name in lower case.</summary>
    /// <param name="kind">Name of the kind.</param>
    public static string Plural(string kind) =>
        kind.ToLowerInvariant() is var k && k.EndsWith('y') ? k[..^1] + "ies" : k + "s";
}
