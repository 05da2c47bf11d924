using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Instructs a run of a silo.</summary>
/// <param name="finder">Finds the run.</param>
/// <param name="terminal">Where the answer goes.</param>
internal abstract class ControlCommand(RunFinder finder, Terminal terminal) : AsyncCommand<RunSettings>
{
    public override async Task<int> ExecuteAsync(
        CommandContext context, RunSettings settings, CancellationToken cancellationToken)
    {
        await using var federation = await finder.Connect(settings.Target, cancellationToken);
        var before = await RunFinder.Find(federation, settings.Run);
        if (Refuses(before))
        {
            terminal.Error.WriteLine($"Run {before.Run} has ended: {Word(before)}.");
            return ExitCode.Failed;
        }
        terminal.Output.WriteLine(Answer(await Instruct(federation, settings.Run)));
        return ExitCode.Done;
    }

    /// <summary>Whether the run has ended in a way that leaves nothing to instruct it to.</summary>
    /// <param name="status">How it stands.</param>
    protected virtual bool Refuses(RunStatus status) => status.Ended;

    /// <summary>Instructs the run.</summary>
    /// <param name="federation">Its silo.</param>
    /// <param name="run">Run id.</param>
    protected abstract Task<RunStatus> Instruct(IFederation federation, string run);

    /// <summary>What the user reads.</summary>
    /// <param name="status">How the run stands now.</param>
    protected abstract string Answer(RunStatus status);

    protected static string Word(RunStatus status) =>
        $"{status.State.ToString().ToLowerInvariant()} after {status.Round} of {status.Rounds} "
            + $"rounds{(status.Reason is null ? "" : $" ({status.Reason.TrimEnd('.')})")}";
}
