using System.Text.Json;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Learning.Records;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Shows the results of a run.</summary>
internal sealed class ShowCommand(RunFinder finder, Terminal terminal) : AsyncCommand<RecordSettings>
{
    public override async Task<int> ExecuteAsync(
        CommandContext context, RecordSettings settings, CancellationToken cancellationToken)
    {
        if (RunFinder.Folder(settings.Run, settings.Runs) is { } folder) return Show(folder, settings.Json);
        await using var federation = await finder.ConnectFor(settings.Target, settings.Run, settings.Runs,
            cancellationToken);
        var status = await RunFinder.Find(federation, settings.Run);
        if (Directory.Exists(status.Folder)) return Show(RunFolderReader.Open(status.Folder), settings.Json);

        if (settings.Json) terminal.Output.WriteLine(JsonSerializer.Serialize(status, JsonText.Line));
        else RunPage.Write(terminal, status);
        return ExitCode.Done;
    }

    private int Show(RunFolderReader folder, bool json)
    {
        if (json) terminal.Output.WriteLine(RunPage.Json(folder));
        else RunPage.Write(terminal, folder);
        return ExitCode.Done;
    }
}
