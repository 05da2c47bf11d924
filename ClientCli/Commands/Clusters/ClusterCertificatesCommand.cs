using System.ComponentModel;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Output;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands.Clusters;

/// <summary>Makes an authority and the certificates of silos and clients.</summary>
internal sealed class ClusterCertificatesCommand(Terminal terminal) : Command<ClusterCertificatesCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandOption("-o|--out <FOLDER>"), Description("Folder of the authority and of all certificates.")]
        public string? Out { get; init; }

        [CommandOption("-n|--name <SILO>"), Description("Name of a silo that needs a certificate; may be repeated.")]
        public string[] Names { get; init; } = [];

        [CommandOption("--host <HOST>"), Description("Name or address by which the silos are called; may be repeated.")]
        public string[] Hosts { get; init; } = [];

        [CommandOption("--client <NAME>"),
            Description("Name of flctl's certificate; may be repeated; by default 'client'.")]
        public string[] Clients { get; init; } = ["client"];

        [CommandOption("--days <N>"), Description("Days until the certificates expire; by default 825.")]
        public int Days { get; init; } = 825;

        [CommandOption("--force"), Description("Makes the named certificates anew; the authority stays.")]
        public bool Force { get; init; }

        public override ValidationResult Validate() =>
            string.IsNullOrWhiteSpace(Out)
                ? ValidationResult.Error("--out: name the folder that the certificates go to.")
            : Days is < 1 or > 3650
                ? ValidationResult.Error($"--days: {Days} is out of range; give 1 to 3650.")
            : Names.Concat(Clients).FirstOrDefault(n => !IsName(n)) is { } odd
                ? ValidationResult.Error(
                    $"--name: '{odd}' is no name for a file; use letters, digits, '.', '-' and '_', and not 'ca'.")
            : Hosts.FirstOrDefault(h => Uri.CheckHostName(h) == UriHostNameType.Unknown) is { } host
                ? ValidationResult.Error($"--host: '{host}' is neither the name of a machine nor an address.")
            : Names.Concat(Clients).GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice
                ? ValidationResult.Error(
                    $"--name: '{twice.Key}' is given twice; silos and clients need names of their own.")
            : ValidationResult.Success();

        private static bool IsName(string name) => name is not ("" or "ca" or "." or "..")
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && name.Length <= 64;
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var folder = new CertificateFolder(Path.GetFullPath(settings.Out!), TimeProvider.System); // Validate saw it
        Report(folder.MakeAuthority(), "authority", folder.Authority);
        foreach (var name in settings.Names)
            Report(folder.Make(name, silo: true, settings.Hosts, settings.Days, settings.Force), "silo",
                folder.Files(name).Certificate);
        foreach (var name in settings.Clients)
            Report(folder.Make(name, silo: false, [], settings.Days, settings.Force), "client",
                folder.Files(name).Certificate);
        terminal.Output.WriteLine($"Keep {folder.AuthorityKey} to yourself: it makes silos. "
            + "Each silo needs its own .pem and .key and ca.pem; flctl those of the client.");
        return ExitCode.Done;
    }

    private void Report(bool made, string what, string file) =>
        terminal.Output.WriteLine($"{what,-10} {file}{(made ? "" : " (was there)")}");
}
