using System.ComponentModel;
using System.Text.Json;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Runs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Lists the runs of a folder and of the silo.</summary>
internal sealed class ListCommand(IFederations federations, Terminal terminal) : AsyncCommand<ListCommand.Settings>
{
    internal sealed class Settings : SiloSettings
    {
        [CommandOption("--runs <FOLDER>"), Description("Folder of the runs; by default ./runs.")]
        public string Runs { get; init; } = "runs";

        [CommandOption("--json"), Description("Prints one JSON object a line for each run.")]
        public bool Json { get; init; }
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        await using var federation = await Connect(settings, cancellationToken);
        var entries = await RunListEntry.All(settings.Runs, federation);
        if (settings.Json)
            foreach (var entry in entries) terminal.Output.WriteLine(JsonSerializer.Serialize(entry, JsonText.Line));
        else if (entries.Count == 0)
        {
            var elsewhere = federation is null
                ? $", and no silo answers at {settings.Target.Place}"
                : $" or on {federation.Name}";
            terminal.Output.WriteLine($"There is no run in {Path.GetFullPath(settings.Runs)}{elsewhere}.");
        }
        else
            terminal.Console.Write(Table(entries));
        foreach (var entry in entries.Where(e => e.ValidationError is not null))
            terminal.Error.WriteLine(entry.ValidationError);
        return ExitCode.Done;
    }

    // The list is useful without a silo, unless one is asked for: then it is the folder's.
    private async Task<IFederation?> Connect(Settings settings, CancellationToken cancellation)
    {
        try
        {
            return await federations.Connect(settings.Target, terminal.Error.WriteLine, cancellation);
        }
        catch (FederationException e) when (settings.Silo is null && settings.Cluster is null)
        {
            if (e.SiloIsThere) terminal.Error.WriteLine(e.Message);
            return null;
        }
    }

    private static Table Table(IReadOnlyList<RunListEntry> entries)
    {
        var table = new Table().SimpleBorder().AddColumn(new TableColumn("run").NoWrap()).AddColumn("state")
            .AddColumn(new TableColumn("rounds").RightAligned()).AddColumn(new TableColumn("test").RightAligned())
            .AddColumn(new TableColumn("started (UTC)").NoWrap()).AddColumn("folder");
        foreach (var e in entries)
            table.AddRow(new Text(e.Run), new Text(e.State, StyleOf(e.State)), new Text($"{e.Rounds}"),
                new Text(e.Score is { Last: { } last } score
                    ? $"{RunText.Short(score.Metric)} {RunText.Metric(last)}"
                    : RunText.None),
                new Text(e.Started?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss") ?? RunText.None), new Text(e.Folder));
        return table;
    }

    private static Style StyleOf(string state) => state switch
    {
        "finished" => new Style(Color.Green),
        "failed" or "damaged" => new Style(Color.Red),
        "running" or "seating" => new Style(Color.Aqua),
        _ => new Style(Color.Yellow),
    };
}
