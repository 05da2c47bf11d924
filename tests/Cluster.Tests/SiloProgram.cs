namespace Orleans.FL.Cluster.Tests;

/// <summary>A silo in a process of its own, with ports that nobody else has.</summary>
internal sealed class SiloProgram : IAsyncDisposable
{
    private readonly Workbench _bench;
    private readonly string[] _args;
    private RunningProgram _program;

    private readonly (string Name, string Value)[] _environment;

    private SiloProgram(
        Workbench bench, string[] args, (string Name, string Value)[] environment, int port, int gateway, int web)
    {
        _environment = environment;
        (_bench, _args, Port, Web) = (bench, args, port, new Uri($"http://127.0.0.1:{web}"));
        Gateway = $"127.0.0.1:{gateway}";
        _program = Launch();
    }

    public int Port { get; }

    public string Gateway { get; }

    public Uri Web { get; }

    public RunningProgram Program => _program;

    /// <summary>Starts a silo and waits until it is up.</summary>
    /// <param name="bench">Where it works.</param>
    /// <param name="primary">Silo to join; null to begin a cluster.</param>
    public static Task<SiloProgram> Start(Workbench bench, SiloProgram? primary = null) => Start(bench, primary, []);

    /// <summary>Starts a silo with more flags and waits until it is up.</summary>
    /// <param name="bench">Where it works.</param>
    /// <param name="primary">Silo to join; null to begin a cluster.</param>
    /// <param name="flags">Flags beside the ports.</param>
    /// <param name="environment">Variables of its own.</param>
    public static async Task<SiloProgram> Start(
        Workbench bench, SiloProgram? primary, string[] flags, params (string Name, string Value)[] environment)
    {
        var (port, gateway, web) = (Workbench.FreePort(), Workbench.FreePort(), Workbench.FreePort());
        string[] args =
        [
            "--silo-port", $"{port}", "--gateway-port", $"{gateway}", "--http-port", $"{web}", "--lanes", "1",
            .. primary is null ? Array.Empty<string>() : ["--primary", $"127.0.0.1:{primary.Port}"],
            .. flags,
        ];
        var silo = new SiloProgram(bench, args, environment, port, gateway, web);
        await silo.Program.Line("is up");
        return silo;
    }

    /// <summary>Starts it again with the same ports and the same folder.</summary>
    public async Task Restart()
    {
        await _program.DisposeAsync();
        _program = Launch();
        await _program.Line("is up");
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private RunningProgram Launch() => _bench.Start("Orleans.FL.Silo.dll", _args, _environment);
}
