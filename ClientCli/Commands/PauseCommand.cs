using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Holds a run.</summary>
internal sealed class PauseCommand(RunFinder finder, Terminal terminal) : ControlCommand(finder, terminal)
{
    protected override Task<RunStatus> Instruct(IFederation federation, string run) => federation.Pause(run);

    protected override string Answer(RunStatus status) => status.State == RunState.Paused
        ? $"run {status.Run} is paused after round {status.Round}; 'flctl resume {status.Run}' goes on"
        : $"run {status.Run} pauses at the end of the round that it is in; 'flctl resume {status.Run}' goes on";
}
