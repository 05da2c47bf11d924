using System.Text;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Experiments;

/// <summary>The page <c>docs/components.md</c>: the keys of experiment files and all components.</summary>
public static class ComponentsMarkdown
{
    /// <summary>The page; the same components give the same bytes.</summary>
    public static string Text() => Text(typeof(Experiment), ExperimentKinds.All);

    /// <summary>The page of some record and kinds.</summary>
    internal static string Text(Type record, IReadOnlyList<ComponentCatalog> catalogs)
    {
        var page = new StringBuilder();
        Line(page, "# Experiment files and their components");
        Line(page, "");
        Line(page, "Generated from the code: change the code, not this page.");
        Line(page, "");
        Line(page, "## Keys of an experiment file");
        Line(page, "");
        Table(page, Keys(record));
        foreach (var catalog in catalogs) Kind(page, catalog);
        return page.ToString();
    }

    private static void Kind(StringBuilder page, ComponentCatalog catalog)
    {
        Line(page, "");
        Line(page, $"## {catalog.Kind}");
        foreach (var component in catalog.All)
        {
            Line(page, "");
            Line(page, $"### `{component.Name}`");
            Line(page, "");
            Line(page, component.Summary);
            if (component.Source.Length > 0) Paragraph(page, $"Source: {component.Source}");
            if (component.Aliases.Count > 0)
                Paragraph(page, $"Also accepted as {string.Join(", ", component.Aliases.Select(a => $"`{a}`"))}.");
            if (component.OptionsType is not { } options) continue;
            Line(page, "");
            Table(page, Keys(options));
        }
    }

    /// <summary>All keys of a record, those of nested objects with their dotted path.</summary>
    private static IEnumerable<(string Key, OptionSpec Option, object? Default)> Keys(Type record) =>
        Keys(record, "", null, []);

    private static IEnumerable<(string Key, OptionSpec Option, object? Default)> Keys(
        Type record, string prefix, object? defaults, HashSet<Type> listed)
    {
        listed.Add(record);
        foreach (var option in OptionSpec.Of(record))
        {
            var key = prefix + option.Key;
            var value = defaults is null ? option.Default : option.Get(defaults);
            yield return (key, option, value);
            var (type, path) = option.Type.Item is { } item ? (item, $"{key}[].") : (option.Type, $"{key}.");
            // The training of a nodeOverride has the keys that the table lists for the experiment's.
            if (type.Form != OptionForm.Settings || listed.Contains(type.Type)) continue;
            var inner = option.Type.Form == OptionForm.Settings ? value : null;
            foreach (var row in Keys(type.Type, path, inner, listed)) yield return row;
        }
    }

    private static void Table(StringBuilder page, IEnumerable<(string Key, OptionSpec Option, object? Default)> keys)
    {
        Line(page, "| key | type | default | allowed | meaning |");
        Line(page, "| --- | --- | --- | --- | --- |");
        foreach (var (key, option, value) in keys)
            Line(page, $"| `{key}` | {option.Type.Words} | {Default(option, value)} " +
                $"| {option.Allowed} | {Cell(option.Summary)} |");
    }

    private static string Default(OptionSpec option, object? value) => value switch
    {
        _ when option.Required => "(required)",
        null => "(unset)",
        IChosenComponent component => $"`{component.Name}`",
        _ when option.Type.Form == OptionForm.Settings => "(its keys' defaults)",
        _ => $"`{Cell(ExperimentWriter.Text(value).ReplaceLineEndings(" "))}`",
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static void Paragraph(StringBuilder page, string text) => page.Append('\n').Append(text).Append('\n');

    private static void Line(StringBuilder page, string text) => page.Append(text).Append('\n');
}
