using System.ComponentModel;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Topologies;
using Orleans.FL.Learning.Foundation;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Shows who receives from whom on a topology, and how fast it mixes. Needs no silo.</summary>
internal sealed class TopologyShowCommand(Terminal terminal) : Command<TopologyShowCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<NAME>"), Description("The topology; 'flctl topology list' names them.")]
        public string Name { get; init; } = "";

        [CommandOption("-n|--nodes <N>"), Description("Number of nodes; they are called 0 to N - 1.")]
        public int Nodes { get; init; }

        [CommandOption("-s|--set <OPTION=VALUE>")]
        [Description("Sets an option of the topology, e.g. degree=6 or mixing=uniform; may be repeated. "
            + "'flctl components NAME' lists them.")]
        public string[] Set { get; init; } = [];

        [CommandOption("--seed <SEED>"), Description("Seed of what is random, as in an experiment file. (1)")]
        public long Seed { get; init; } = 1;

        [CommandOption("--round <R>"), Description("Round to begin with, from 1; matters if the graph changes. (1)")]
        public int Round { get; init; } = 1;

        [CommandOption("--json")]
        [Description("Prints one JSON object: figures, nodes, period (0 = never repeats), and for each of its "
            + "exchanges the edges as lists of from, to, weight, each node's weight of itself among them.")]
        public bool Json { get; init; }

        [CommandOption("--graphml [FILE]"),
            Description("Writes the round as GraphML, to the output if there is no FILE.")]
        public FlagValue<string> GraphMl { get; set; } = new();

        [CommandOption("--svg [FILE]"), Description(
            "Writes a picture, to the output if there is no FILE; a panel a round if graphs follow each other.")]
        public FlagValue<string> Svg { get; set; } = new();

        public override ValidationResult Validate() => (Nodes, Round) switch
        {
            ( < 1, _) => ValidationResult.Error("Say for how many nodes: --nodes N, at least 1."),
            (_, < 1) => ValidationResult.Error($"Rounds count from 1; --round {Round} is none."),
            _ when (Json ? 1 : 0) + (GraphMl.IsSet ? 1 : 0) + (Svg.IsSet ? 1 : 0) > 1 =>
                ValidationResult.Error("Choose one of --json, --graphml and --svg."),
            _ => ValidationResult.Success(),
        };
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var choice = TopologyChoice.Of(settings.Name, settings.Nodes, settings.Seed, settings.Set);
        var round = settings.Round - 1;
        if (settings.Json)
            terminal.Output.WriteLine(TopologyJson.Line(choice, TopologyFigures.Of(choice, round), round));
        else if (settings.GraphMl.IsSet) Write(settings.GraphMl.Value, GraphMlText.Of(choice.Mixing(round)));
        else if (settings.Svg.IsSet) Write(settings.Svg.Value, TopologySvg.Of(choice, round));
        else TopologyTables.Figures(terminal.Console, choice, TopologyFigures.Of(choice, round), round);
        return ExitCode.Done;
    }

    private void Write(string? file, string text)
    {
        if (string.IsNullOrEmpty(file))
        {
            terminal.Output.Write(text);
            return;
        }
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ExperimentException($"The file '{file}' cannot be written: {e.Message}");
        }
        terminal.Output.WriteLine($"Written: {file}");
    }
}
