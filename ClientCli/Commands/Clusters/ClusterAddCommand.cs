using System.ComponentModel;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Silo.Options;
using Orleans.FL.Silo.Security;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands.Clusters;

/// <summary>Gives a cluster a name.</summary>
internal sealed class ClusterAddCommand(Terminal terminal) : Command<ClusterAddCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<NAME>"), Description("Name that --cluster takes.")]
        public string Name { get; init; } = "";

        [CommandOption("-g|--gateway <HOST:PORT>"),
            Description("Gateway of a silo; once for each silo, so that the loss of one does not matter.")]
        public string[] Gateways { get; init; } = [];

        [CommandOption("--cluster-id <ID>"),
            Description("Name that the silos have for their cluster; by default orleans-fl.")]
        public string ClusterId { get; init; } = SiloOptions.DefaultCluster;

        [CommandOption("--certificate <FILE>"), Description("flctl's certificate for TLS, a PEM or PFX file.")]
        public string Certificate { get; init; } = "";

        [CommandOption("--key <FILE>"), Description("Private key of the certificate, a PEM file.")]
        public string Key { get; init; } = "";

        [CommandOption("--authority <FILE>"), Description("The authority that the silos are signed by, a PEM file.")]
        public string Authority { get; init; } = "";

        [CommandOption("--default"), Description("This cluster is meant where none is named; the first one added is.")]
        public bool Default { get; init; }

        [CommandOption("--force"), Description("Takes the place of a cluster of the same name.")]
        public bool Force { get; init; }

        public override ValidationResult Validate() =>
            string.IsNullOrWhiteSpace(Name)
                ? ValidationResult.Error("Give the cluster a name.")
            : Gateways.Length == 0
                ? ValidationResult.Error("--gateway: name the gateway of a silo, such as --gateway 10.0.0.1:30000.")
            : Gateways.Select(ClusterTarget.ValidationError).FirstOrDefault(f => f is not null) is { } error
                ? ValidationResult.Error($"--gateway: {error}")
            : ValidationResult.Success();
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var tls = new TlsFiles(Full(settings.Certificate), Full(settings.Key), Full(settings.Authority));
        if (tls.Given) tls.Load(TlsRole.Client, Environment.GetEnvironmentVariable);
        var profiles = ClusterProfiles.OfUser;
        profiles.Add(new(settings.Name, settings.Gateways, settings.ClusterId, tls.Given ? tls : null),
            settings.Default, settings.Force);
        terminal.Output.WriteLine($"cluster {settings.Name} is in {profiles.File}");
        return ExitCode.Done;
    }

    private static string Full(string file) => file.Length == 0 ? "" : Path.GetFullPath(file);
}
