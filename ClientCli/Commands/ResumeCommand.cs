using Orleans.FL.ClientCli.Federations;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Goes on with a run.</summary>
internal sealed class ResumeCommand(RunFinder finder, Terminal terminal) : ControlCommand(finder, terminal)
{
    protected override Task<RunStatus> Tell(IFederation federation, string run) => federation.Resume(run);

    protected override string Answer(RunStatus status) =>
        $"run {status.Run} goes on after round {status.Round}; 'flctl watch {status.Run}' shows it";
}
