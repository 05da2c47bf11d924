using System.ComponentModel;
using System.Text.Json;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Grains.Interfaces;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands.Clusters;

/// <summary>Shows the silos of a cluster: devices, lanes in use, nodes seated, memory.</summary>
/// <param name="finder">Connects.</param>
/// <param name="terminal">Where the picture goes.</param>
internal sealed class ClusterShowCommand(RunFinder finder, Terminal terminal)
    : AsyncCommand<ClusterShowCommand.Settings>
{
    internal sealed class Settings : SiloSettings
    {
        [CommandOption("--json"), Description("Prints one JSON object a line for each silo.")]
        public bool Json { get; init; }
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        await using var federation = await finder.Connect(settings.Target, cancellationToken);
        var silos = await federation.Silos();
        if (settings.Json)
            foreach (var silo in silos) terminal.Output.WriteLine(JsonSerializer.Serialize(silo, JsonText.Line));
        else
            terminal.Console.Write(Table(silos));
        return ExitCode.Done;
    }

    private static Table Table(SiloReport[] silos)
    {
        var table = new Table().SimpleBorder().AddColumn(new TableColumn("silo").NoWrap()).AddColumn("address")
            .AddColumn("devices")
            .AddColumn(new TableColumn("lanes busy").RightAligned()).AddColumn(new TableColumn("nodes").RightAligned())
            .AddColumn(new TableColumn("memory used").RightAligned()).AddColumn("labels").AddColumn("runs");
        foreach (var silo in silos)
            table.AddRow(new Text(silo.Leaving ? $"{silo.Name} (leaving)" : silo.Name, new Style(silo.Leaving
                ? Color.Yellow
                : Color.Default)), new Text(silo.Address), new Text(Devices(silo.Devices)),
                new Text($"{silo.LanesBusy} of {silo.Devices.Length}"), new Text($"{silo.Nodes.Values.Sum()}"),
                new Text($"{RunText.Bytes(silo.UsedBytes)} of {RunText.Bytes(silo.MemoryBytes)}"),
                new Text(silo.Labels.Length == 0 ? RunText.None : string.Join(", ", silo.Labels)),
                new Text(silo.Nodes.Count == 0
                    ? RunText.None
                    : string.Join(", ", silo.Nodes.Select(n => $"{n.Key} ({n.Value})"))));
        return table;
    }

    private static string Devices(string[] devices) =>
        string.Join(", ", devices.GroupBy(d => d).Select(g => g.Count() == 1 ? g.Key : $"{g.Count()} × {g.Key}"));
}
