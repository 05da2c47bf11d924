using System.Globalization;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Topologies.Changing;
using Orleans.FL.Learning.Topologies.Random;
using Spectre.Console;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>Topologies on a terminal.</summary>
internal static class TopologyTables
{
    /// <summary>One line a topology.</summary>
    /// <param name="console">Where to.</param>
    public static void List(IAnsiConsole console)
    {
        var table = new Table().SimpleBorder().AddColumn(new TableColumn("topology").NoWrap())
            .AddColumn(new TableColumn("graphs").NoWrap()).AddColumn(new TableColumn("edges").NoWrap())
            .AddColumn("what it is");
        foreach (var component in Catalog<Topology>.All)
        {
            var topology = Catalog<Topology>.Create(component.Name, null);
            table.AddRow(new Text(component.Name, new Style(Color.Aqua)), new Text(Graphs(topology)),
                new Text(topology.Directed ? "directed" : "both ways"), new Text(component.Summary));
        }
        console.Write(table);
        console.WriteLine("'flctl components NAME' lists the options of one, "
            + "'flctl topology show NAME --nodes N' shows its graph and figures.");
    }

    /// <summary>What is to know of one.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="choice">The topology.</param>
    /// <param name="figures">Its figures.</param>
    /// <param name="round">First round, from 0.</param>
    public static void Figures(IAnsiConsole console, TopologyChoice choice, TopologyFigures figures, int round)
    {
        var shape = choice.Topology.Shape(choice.Nodes) is { } s ? $" ({s})" : "";
        console.MarkupLineInterpolated($"[bold aqua]{choice.Name}[/] of {choice.Nodes} nodes{shape}");
        var grid = new Spectre.Console.Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(2)).AddColumn();
        foreach (var (label, value) in Lines(choice, figures, round)) grid.AddRow(new Text(label), new Text(value));
        console.Write(grid);
    }

    private static IEnumerable<(string Label, string Value)> Lines(
        TopologyChoice choice, TopologyFigures figures, int round)
    {
        var together = choice.Period > 1 ? ", the period's edges together" : "";
        yield return ("graphs", choice.Period switch
        {
            0 => $"change and never repeat; this is round {round + 1}",
            1 => "the same in each round",
            var period => $"{period} in turn",
        });
        yield return ("degree",
            $"{figures.Degree.Min} least, {Number(figures.Degree.Mean)} mean, {figures.Degree.Max} most");
        yield return ("edges", $"{Number(figures.Edges)}{(choice.Period > 1 ? " a round" : "")}");
        yield return ("connected", (figures.Connected ? "yes" : "no") + together);
        var diameter = figures.Diameter?.ToString(CultureInfo.InvariantCulture)
            ?? (figures.Connected ? "not searched: too large" : "none");
        yield return ("diameter", diameter + together);
        yield return ("spectral gap", figures.SpectralGap is { } gap
            ? Number(gap)
                + choice.Period switch { 0 => " of this round alone", 1 => "", _ => " of the period's product" }
            : $"not worked out for more than {SpectralGap.MostNodes} nodes");
        yield return ("consensus", figures.Consensus switch
        {
            { Exact: true } => $"exact after {choice.Period switch { 0 or 1 => "one round", var p => $"{p} rounds" }}",
            { Rounds: { } rounds } => $"{rounds} rounds until random values differ by a thousandth of what they did",
            { Tried: 0 } => "never: not connected",
            { Tried: var tried } => $"not within {tried} rounds",
        });
    }

    private static string Graphs(Topology topology) => topology switch
    {
        RandomTopology => topology.Period(8) == 0 ? "drawn each round" : "drawn once",
        Schedule or OnePeerExponential => "in turn",
        _ => "one",
    };

    private static string Number(double number) => number.ToString("0.####", CultureInfo.InvariantCulture);
}
