using System.Text.Json;
using Orleans.FL.ClientCli.Output;

namespace Orleans.FL.ClientCli.Components;

/// <summary>Components as JSON lines.</summary>
internal static class ComponentJson
{
    /// <summary>One object a component.</summary>
    /// <param name="choices">The components.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<ComponentChoice> choices) =>
        from choice in choices
        from c in choice.Components
        select JsonSerializer.Serialize(
            new
            {
                kind = c.Kind.ToLowerInvariant(),
                c.Name,
                c.Summary,
                c.Source,
                c.Aliases,
                options = c.Options.Select(OptionText.Of),
            },
            JsonText.Line);
}
