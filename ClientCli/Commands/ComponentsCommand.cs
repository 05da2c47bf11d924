using System.ComponentModel;
using Orleans.FL.ClientCli.Components;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Experiments;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Says what experiment files may choose from.</summary>
internal sealed class ComponentsCommand(Terminal terminal) : Command<ComponentsCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "[KIND|NAME]")]
        [Description("A kind (algorithm, topology, …) or a component; by default all in short.")]
        public string? About { get; init; }

        [CommandOption("--markdown"), Description("Prints the page docs/components.md.")]
        public bool Markdown { get; init; }

        [CommandOption("--json"), Description("Prints one JSON object a line for each component.")]
        public bool Json { get; init; }

        public override ValidationResult Validate() => Markdown && (Json || About is not null)
            ? ValidationResult.Error("--markdown prints the page of all components and goes with nothing else.")
            : ValidationResult.Success();
    }

    public override int Execute(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var chosen = ComponentChoice.Of(settings.About);
        if (settings.Markdown) terminal.Output.Write(ComponentsMarkdown.Text());
        else if (settings.Json) foreach (var line in ComponentJson.Lines(chosen)) terminal.Output.WriteLine(line);
        else if (settings.About is null) ComponentTables.Short(terminal.Console, chosen);
        else ComponentTables.Full(terminal.Console, chosen);
        return ExitCode.Done;
    }
}
