using Orleans.FL.Learning.Components;
using Spectre.Console;

namespace Orleans.FL.ClientCli.Components;

/// <summary>Components on a terminal.</summary>
internal static class ComponentTables
{
    /// <summary>One line a component.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="choices">The components.</param>
    public static void Short(IAnsiConsole console, IReadOnlyList<ComponentChoice> choices)
    {
        foreach (var choice in choices)
        {
            console.MarkupLineInterpolated($"[bold]{ComponentChoice.Plural(choice.Kind)}[/]");
            var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(2)).AddColumn();
            foreach (var component in choice.Components)
                grid.AddRow(new Text(component.Name, new Style(Color.Aqua)), new Text(component.Summary));
            console.Write(grid);
            console.WriteLine();
        }
        console.WriteLine("'flctl components NAME' lists the options of one, 'flctl components KIND' those of a kind.");
    }

    /// <summary>Everything of each component.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="choices">The components.</param>
    public static void Full(IAnsiConsole console, IReadOnlyList<ComponentChoice> choices)
    {
        foreach (var choice in choices)
            foreach (var component in choice.Components)
                Full(console, component);
    }

    private static void Full(IAnsiConsole console, ComponentSpec component)
    {
        var kind = component.Kind.ToLowerInvariant();
        console.MarkupLineInterpolated($"[bold aqua]{component.Name}[/] ({kind}) {component.Summary}");
        if (component.Aliases.Count > 0) console.WriteLine($"  also: {string.Join(", ", component.Aliases)}");
        if (component.Source.Length > 0) console.WriteLine($"  source: {component.Source}");
        if (component.Options.Count > 0) console.Write(Options(component));
        console.WriteLine();
    }

    private static Table Options(ComponentSpec component)
    {
        var table = new Table().SimpleBorder().AddColumns("option", "type", "default", "allowed", "sets");
        foreach (var option in component.Options.Select(OptionText.Of))
            table.AddRow(new Text(option.Key, new Style(Color.Green)), new Text(option.Type), new Text(option.Default),
                new Text(option.Allowed), new Text(option.Summary));
        return table;
    }
}
