using System.ComponentModel;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Output;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands.Clusters;

/// <summary>Forgets the name of a cluster; the cluster does not notice.</summary>
internal sealed class ClusterRemoveCommand(Terminal terminal) : Command<ClusterRemoveCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<NAME>"), Description("Name of the cluster; 'flctl cluster list' names them.")]
        public string Name { get; init; } = "";
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var profiles = ClusterProfiles.OfUser;
        profiles.Remove(settings.Name);
        terminal.Output.WriteLine($"cluster {settings.Name} is no longer in {profiles.File}");
        return ExitCode.Done;
    }
}
