namespace Orleans.FL.Cluster.Tests;

/// <summary>A silo in a process of its own, with ports that nobody else has.</summary>
internal sealed class SiloProgram : IAsyncDisposable
{
    private readonly Workbench _bench;
    private readonly Machine _machine;
    private readonly string[] _args;
    private readonly (string, string)[] _environment;
    private RunningProgram _program;

    private SiloProgram(Workbench bench, Machine machine, string[] args, (string Name, string Value)[] environment,
        int port, int gateway, int web)
    {
        (_bench, _machine, _args, _environment) = (bench, machine, args, environment);
        (Port, Web) = (port, new Uri($"http://{machine.Address}:{web}"));
        Gateway = $"{machine.Address}:{gateway}";
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
    public static Task<SiloProgram> Start(
        Workbench bench, SiloProgram? primary, string[] flags, params (string Name, string Value)[] environment) =>
        Start(bench, Machine.Here,
            [.. primary is null ? Array.Empty<string>() : ["--primary", $"127.0.0.1:{primary.Port}"], .. flags],
            environment);

    /// <summary>Starts a silo of a cluster on a database and waits until it is up.</summary>
    /// <param name="bench">Where it works.</param>
    /// <param name="clustering">What the database is: <c>postgres</c> or <c>redis</c>.</param>
    /// <param name="database">Its connection string.</param>
    /// <param name="args">Other options.</param>
    public static Task<SiloProgram> Start(Workbench bench, string clustering, string database, params string[] args) =>
        Start(bench, Machine.Here, ["--clustering", clustering, .. args], [("ORLEANS_FL_DATABASE", database)]);

    /// <summary>Starts a silo on some machine and waits until it is up.</summary>
    /// <param name="bench">Where it works.</param>
    /// <param name="machine">Where it runs.</param>
    /// <param name="others">Options beside the ports.</param>
    /// <param name="environment">Variables of its own.</param>
    public static async Task<SiloProgram> Start(
        Workbench bench, Machine machine, string[] others, (string Name, string Value)[] environment)
    {
        var (port, gateway, web) = (Workbench.FreePort(), Workbench.FreePort(), Workbench.FreePort());
        string[] args =
        [
            "--silo-port", $"{port}", "--gateway-port", $"{gateway}", "--http-port", $"{web}",
            .. others.Contains("--lanes") ? Array.Empty<string>() : ["--lanes", "1"], .. others,
        ];
        var silo = new SiloProgram(bench, machine, args, environment, port, gateway, web);
        await silo.Program.Line("is up");
        return silo;
    }

    /// <summary>Starts it again with the same ports and the same folder.</summary>
    /// <param name="more">Flags that it did not have before.</param>
    public async Task Restart(params string[] more)
    {
        await _program.DisposeAsync();
        _program = Launch(more);
        await _program.Line("is up");
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private RunningProgram Launch(params string[] more) =>
        _bench.Start(_machine, "Orleans.FL.Silo.dll", [.. _args, .. more], _environment);
}
