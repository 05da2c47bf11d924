using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Experiments;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Checks an experiment file and starts nothing.</summary>
internal sealed class ValidateCommand(Terminal terminal) : Command<ValidateCommand.Settings>
{
    internal sealed class Settings : ExperimentSettings;

    public override int Execute(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var e = settings.Read();
        terminal.Output.WriteLine($"{settings.Config ?? settings.File} is a valid experiment: "
            + $"{e.Algorithm.Name} on {e.Topology.Name}, {e.Dataset.Name}, {e.Model.Name}; "
            + $"{e.Nodes} nodes, {e.Rounds} rounds; sha256 {ExperimentWriter.Hash(e)}");
        return ExitCode.Done;
    }
}
