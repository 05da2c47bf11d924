using System.Text;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.ClientCli.Components;

/// <summary>Components as a Markdown page.</summary>
internal static class ComponentMarkdown
{
    /// <summary>The page; equal components give equal bytes.</summary>
    /// <param name="choices">The components.</param>
    public static string Page(IReadOnlyList<ComponentChoice> choices)
    {
        var page = new StringBuilder("# Components\n\nWritten by `flctl components --markdown`; do not edit.\n");
        foreach (var choice in choices)
        {
            var title = ComponentChoice.Plural(choice.Kind);
            page.Append($"\n## {char.ToUpperInvariant(title[0])}{title[1..]}\n");
            foreach (var component in choice.Components) Append(page, component);
        }
        return page.ToString();
    }

    private static void Append(StringBuilder page, ComponentSpec component)
    {
        page.Append($"\n### `{component.Name}`\n\n{component.Summary}\n");
        if (component.Aliases.Count > 0)
            page.Append($"\nAlso: {string.Join(", ", component.Aliases.Select(a => $"`{a}`"))}.\n");
        if (component.Source.Length > 0) page.Append($"\nSource: {component.Source}.\n");
        if (component.Options.Count == 0) return;
        page.Append("\n| option | type | default | allowed | sets |\n| --- | --- | --- | --- | --- |\n");
        foreach (var o in component.Options.Select(OptionText.Of))
            page.Append($"| `{o.Key}` | {Cell(o.Type)} | {Cell(o.Default)} | {Cell(o.Allowed)} | {Cell(o.Summary)} |\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
