using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Topologies;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Lists the topologies.</summary>
internal sealed class TopologyListCommand(Terminal terminal) : Command<EmptyCommandSettings>
{
    public override int Execute(
        CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        TopologyTables.List(terminal.Console);
        return ExitCode.Done;
    }
}
