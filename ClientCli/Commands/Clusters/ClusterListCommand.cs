using System.ComponentModel;
using System.Text.Json;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Output;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands.Clusters;

/// <summary>Lists the clusters that have names.</summary>
internal sealed class ClusterListCommand(Terminal terminal) : Command<ClusterListCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--json"), Description("Prints one JSON object a line for each cluster.")]
        public bool Json { get; init; }
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var profiles = ClusterProfiles.OfUser;
        var all = profiles.All.ToArray();
        if (settings.Json)
            foreach (var (target, isDefault) in all)
                terminal.Output.WriteLine(JsonSerializer.Serialize(new
                {
                    Name = target.Profile,
                    target.Gateways,
                    target.ClusterId,
                    Tls = target.Tls is not null,
                    Default = isDefault
                }, JsonText.Line));
        else if (all.Length == 0)
            terminal.Output.WriteLine(
                $"There is no cluster in {profiles.File}; add one with 'flctl cluster add NAME --gateway HOST:PORT'.");
        else
            terminal.Console.Write(Table(all));
        return ExitCode.Done;
    }

    private static Table Table((ClusterTarget Target, bool Default)[] all)
    {
        var table = new Table().SimpleBorder().AddColumn("cluster").AddColumn("gateways").AddColumn("id")
            .AddColumn("tls");
        foreach (var (target, isDefault) in all)
            table.AddRow(new Text($"{target.Profile}{(isDefault ? " (default)" : "")}"),
                new Text(string.Join(", ", target.Gateways)),
                new Text(target.ClusterId), new Text(target.Tls is null ? "no" : "yes"));
        return table;
    }
}
