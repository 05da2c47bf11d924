using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>Runs flctl in this process, on a terminal that is none.</summary>
#pragma warning disable CA1001 // String writers hold nothing that must be let go.
internal sealed class Shell
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public FakeFederation Federation { get; init; } = new();

    public IFederations? Federations { get; init; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public string[] OutputLines => Lines(Output);

    public string[] ErrorLines => Lines(Error);

    public Terminal Terminal => field ??= Terminal.Plain(_output, _error);

    public Task<int> Run(params string[] args) => Run(args, CancellationToken.None);

    public Task<int> Run(string[] args, CancellationToken cancellation) =>
        Flctl.Run(args, Terminal, Federations ?? new FakeFederations(Federation), cancellation);

    private static string[] Lines(string text) =>
        text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
