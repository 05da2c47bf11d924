using System.ComponentModel;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Watching;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Silo.Options;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>
/// Goes on with a run: a paused one, or from its last checkpoint one that was stopped, failed or lost its silo.
/// </summary>
internal sealed class ResumeCommand(RunFinder finder, IFederations federations, Following following, Terminal terminal)
    : AsyncCommand<ResumeCommand.Settings>
{
    internal sealed class Settings : RunSettings
    {
        [CommandOption("-l|--local"),
            Description("Goes on inside flctl with a run that 'flctl start --local' began, and shows it.")]
        public bool Local { get; init; }

        [CommandOption("--runs <FOLDER>"), Description("Folder of the runs, with --local; by default ./runs.")]
        public string? Runs { get; init; }

        [CommandOption("--json"),
            Description("With --local: prints one JSON object a line for each event and nothing else.")]
        public bool Json { get; init; }

        public override ValidationResult Validate() => !Local && (Runs is not null || Json)
            ? ValidationResult.Error("--runs and --json go with --local; a run of a silo is shown by 'flctl watch'.")
            : base.Validate();
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        await using var federation = settings.Local
            ? await federations.Embed(SiloOptions.Embedded(settings.Runs ?? "runs", 0), null, cancellationToken)
            : await finder.Connect(settings.Target, cancellationToken);
        var before = await RunFinder.Find(federation, settings.Run);
        if (before.State == RunState.Finished)
        {
            terminal.Error.WriteLine(
                $"Run {before.Run} has finished; there is nothing to resume. 'flctl show {before.Run}' shows it.");
            return ExitCode.Failed;
        }
        var status = await federation.Resume(settings.Run);
        if (settings.Local)
            return await following.ToTheEnd(federation, settings.Run,
                following.Display(settings.Json, federation.Dashboard), cancellationToken);
        terminal.Output.WriteLine(
            $"run {status.Run} goes on after round {status.Round}; 'flctl watch {status.Run}' shows it");
        return ExitCode.Done;
    }
}
