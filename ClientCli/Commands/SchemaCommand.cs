using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Experiments;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Prints the JSON Schema of experiment files.</summary>
internal sealed class SchemaCommand(Terminal terminal) : Command<EmptyCommandSettings>
{
    public override int Execute(
        CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        terminal.Output.Write(ExperimentSchema.Text());
        return ExitCode.Done;
    }
}
