using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Ends a run.</summary>
internal sealed class StopCommand(RunFinder finder, Terminal terminal) : ControlCommand(finder, terminal)
{
    protected override async Task<RunStatus> Instruct(IFederation federation, string run)
    {
        try
        {
            return await federation.Stop(run);
        }
        catch (TimeoutException)
        {
            // The silo answers when the run has ended; a batch of training may last longer than a call.
            return await RunFinder.Find(federation, run);
        }
    }

    protected override string Answer(RunStatus status) => status.Ended
        ? $"run {status.Run} {Word(status)}; what is done is in {status.Folder}"
        : $"run {status.Run} stops at the end of the phase that it is in; what is done is in {status.Folder}";
}
