using Orleans.FL.Silo.Options;
using Orleans.FL.Silo.Security;
using Xunit;
using Xunit.Abstractions;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>
/// A silo on each of two machines, with mutual TLS and a key for the web pages, as operations.md has it.
/// </summary>
internal sealed class LinkedSilos : IAsyncDisposable
{
    /// <summary>Name of the near machine's silo.</summary>
    public const string Near = "near";

    /// <summary>Name of the far machine's silo.</summary>
    public const string Far = "far";

    private readonly Workbench _bench;
    private readonly TwoHosts _hosts;
    private readonly ITestOutputHelper _output;
    private readonly string _clustering;
    private readonly string _database;
    private readonly Dictionary<string, SiloProgram> _silos = [];

    private LinkedSilos(
        Workbench bench, TwoHosts hosts, ITestOutputHelper output, string clustering, string database) =>
        (_bench, _hosts, _output, _clustering, _database) = (bench, hosts, output, clustering, database);

    /// <summary>The silo of a name.</summary>
    public SiloProgram this[string name] => _silos[name];

    /// <summary>Files of flctl.</summary>
    public TlsFiles Client => new(In("client.pem"), In("client.key"), In("ca.pem"));

    /// <summary>Makes certificates and the database's tables; starts no silo.</summary>
    /// <param name="bench">Where the programs work.</param>
    /// <param name="hosts">The machines.</param>
    /// <param name="output">Gets what the silos said, in the end.</param>
    /// <param name="clustering">What the database is.</param>
    /// <param name="database">Its connection string.</param>
    public static async Task<LinkedSilos> Prepare(
        Workbench bench, TwoHosts hosts, ITestOutputHelper output, string clustering, string database)
    {
        var silos = new LinkedSilos(bench, hosts, output, clustering, database);
        await silos.Flctl("cluster", "init", $"--{clustering}", database);
        await silos.Flctl("cluster", "certificates", "--out", "certificates", "--name", Near, "--name", Far,
            "--host", hosts.Near.Address, "--host", hosts.Far.Address);
        return silos;
    }

    /// <summary>Starts a silo and adds its gateway to the configuration of flctl, under the silo's name.</summary>
    /// <param name="name"><see cref="Near"/> or <see cref="Far"/>.</param>
    public async Task Add(string name)
    {
        var machine = name == Near ? _hosts.Near : _hosts.Far;
        string[] options =
        [
            "--name", name, "--bind", machine.Address, "--clustering", _clustering, "--runs", $"runs-{name}",
            "--tls-certificate", In($"{name}.pem"), "--tls-key", In($"{name}.key"), "--tls-authority", In("ca.pem"),
        ];
        _silos[name] = await SiloProgram.Start(_bench, machine, options,
            [("ORLEANS_FL_DATABASE", _database), (SiloOptions.HttpKeyVariable, "a key for pages that nobody opens")]);
        await Flctl("cluster", "add", name, "--gateway", _silos[name].Gateway,
            "--certificate", Client.Certificate, "--key", Client.Key, "--authority", Client.Authority);
    }

    /// <summary>Runs flctl to its end.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string[]> Flctl(params string[] args)
    {
        var (code, output, error) = await _bench.Run(args);
        Assert.True(code == 0, $"flctl {string.Join(' ', args)}: {string.Join('\n', [.. output, .. error])}");
        return output;
    }

    /// <summary>Shows a run as one silo reports it.</summary>
    public RunningProgram Watch(string run, string silo) => _bench.Flctl("watch", run, "--cluster", silo, "--json");

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, silo) in _silos)
        {
            await silo.DisposeAsync();
            _output.WriteLine($"Silo {name}:\n{string.Join('\n', [.. silo.Program.Output, .. silo.Program.Error])}");
        }
    }

    private string In(string file) => Path.Combine(_bench.Folder, "certificates", file);
}
