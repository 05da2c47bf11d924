using System.ComponentModel;
using System.Text.Json;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Learning.Records;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Shows what came of a run.</summary>
internal sealed class ShowCommand(RunFinder finder, Terminal terminal) : AsyncCommand<ShowCommand.Settings>
{
    internal sealed class Settings : SiloSettings
    {
        [CommandArgument(0, "<RUN>"), Description("Id of the run, or its folder.")]
        public string Run { get; init; } = "";

        [CommandOption("--runs <FOLDER>"), Description("Folder of the runs; by default ./runs.")]
        public string Runs { get; init; } = "runs";

        [CommandOption("--json"), Description("Prints one JSON object.")]
        public bool Json { get; init; }
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (Local(settings) is { } folder) return Show(folder, settings.Json);
        var status = await Remote(settings, cancellationToken);
        if (Directory.Exists(status.Folder)) return Show(RunFolderReader.Open(status.Folder), settings.Json);

        if (settings.Json) terminal.Output.WriteLine(JsonSerializer.Serialize(status, JsonText.Line));
        else RunPage.Write(terminal, status);
        return ExitCode.Done;
    }

    private static RunFolderReader? Local(Settings settings)
    {
        var byId = Path.Combine(settings.Runs, settings.Run);
        if (RunId.IsValid(settings.Run) && Directory.Exists(byId)) return RunFolderReader.Open(byId);
        // What has a slash is a path and nothing else.
        return settings.Run.Contains(Path.DirectorySeparatorChar) || Directory.Exists(settings.Run)
            ? RunFolderReader.Open(settings.Run)
            : null;
    }

    private async Task<Grains.Interfaces.RunStatus> Remote(Settings settings, CancellationToken cancellation)
    {
        IFederation federation;
        try
        {
            federation = await finder.Connect(settings.Target, cancellation);
        }
        catch (FederationException)
        {
            string[] known = [.. RunFolderReader.List(settings.Runs).Select(r => r.Id).Reverse().Take(8)];
            var has = known.Length == 0 ? "" : $" (it has {string.Join(", ", known)})";
            throw new FederationException($"There is no run '{settings.Run}' in {Path.GetFullPath(settings.Runs)}"
                + $"{has}, and no silo answers at {settings.Target.Place}; "
                + "give --runs FOLDER or the path of the run's folder.");
        }
        await using var opened = federation;
        return await RunFinder.Find(federation, settings.Run);
    }

    private int Show(RunFolderReader folder, bool json)
    {
        if (json) terminal.Output.WriteLine(RunPage.Json(folder));
        else RunPage.Write(terminal, folder);
        return ExitCode.Done;
    }
}
