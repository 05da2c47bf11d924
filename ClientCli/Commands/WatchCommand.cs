using System.ComponentModel;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Watching;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Shows a run of a silo, from its beginning or from where a watcher left it.</summary>
internal sealed class WatchCommand(RunFinder finder, Following following) : AsyncCommand<WatchCommand.Settings>
{
    internal sealed class Settings : RunSettings
    {
        [CommandOption("--from <N>"),
            Description("First event wanted, by its sequence number; by default the beginning.")]
        public long From { get; init; }

        [CommandOption("--json"), Description("Prints one JSON object a line for each event and nothing else.")]
        public bool Json { get; init; }

        public override ValidationResult Validate() => From < 0
            ? ValidationResult.Error($"--from: {From} is no sequence number; give 0 or more.")
            : base.Validate();
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var federation = await finder.Connect(settings.Target, cancellationToken);
        await using var opened = federation;
        await RunFinder.Find(federation, settings.Run);
        var display = following.Display(settings.Json, federation.Dashboard);
        return await following.WhileWatched(federation, settings.Target, settings.Run, settings.From, display,
            cancellationToken);
    }
}
