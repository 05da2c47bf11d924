using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.Silo.Options;

/// <summary>What can be set for a silo, by file, environment or flag, under the same names.</summary>
/// <remarks>
/// A property is a key of the file (<c>siloPort</c>), a variable (<c>ORLEANS_FL_SILO_PORT</c>) and a flag
/// (<c>--silo-port</c>); its description is the help. Everything listens on loopback only, unless
/// <see cref="Bind"/> says otherwise. Secrets are no flags: see <see cref="HttpKeyVariable"/>.
/// </remarks>
public sealed record SiloOptions
{
    /// <summary>Name of the cluster, unless it is given another: the same for silos and clients.</summary>
    public const string DefaultCluster = "orleans-fl";

    /// <summary>Name of the silo, unique in its cluster; empty for the machine's name and the silo port.</summary>
    [Description("Name of the silo, unique in its cluster; by default the machine's name and the silo port.")]
    public string Name { get; init; } = "";

    /// <summary>Port for other silos.</summary>
    [Description("Port on which other silos reach this one.")]
    public int SiloPort { get; init; } = 11111;

    /// <summary>Port for clients such as flctl; 0 for none.</summary>
    [Description("Port on which flctl reaches this silo; 0 = none.")]
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Port of the dashboard and of /health; 0 for any free one.</summary>
    [Description("Port of the web pages /dashboard and /health; 0 = any free one.")]
    public int HttpPort { get; init; } = 8080;

    /// <summary>Address that silo port, gateway and web pages listen on; loopback by default.</summary>
    [Description("Address that all ports listen on; 0.0.0.0 = every address of this machine, and then --advertise too. "
        + "Where others reach it, TLS and a key are needed.")]
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>Address that other machines reach this one by; empty for <see cref="Bind"/>.</summary>
    [Description("Address that others reach this silo by; by default that of --bind.")]
    public string Advertise { get; init; } = "";

    /// <summary>What silos find each other by, and what keeps the state of grains.</summary>
    [Description("What silos find each other by and keep their state in: "
        + "localhost (one machine, no server), postgres or redis.")]
    public ClusteringKind Clustering { get; init; }

    /// <summary>Connection string of the database; may hold a password and is never shown.</summary>
    [Description("Connection to the database of --clustering; with a password, better in the variable: "
        + "others see command lines.")]
    public string Database { get; init; } = "";

    /// <summary>Name of the cluster, under which the database keeps it: several may share one database.</summary>
    [Description("Name of the cluster; silos of one name and one database belong together.")]
    public string Cluster { get; init; } = DefaultCluster;

    /// <summary>What experiments may choose this silo by, as <c>KEY=VALUE,KEY=VALUE</c>.</summary>
    [Description("What experiments may choose this silo by, as in zone=a,gpu=a100.")]
    public string Labels { get; init; } = "";

    /// <summary>Where the checkpoints of runs are kept.</summary>
    [Description("Where checkpoints are kept: folder (--runs, which all silos then share), database, or auto "
        + "(folder with localhost, else database).")]
    public CheckpointPlace Checkpoints { get; init; }

    /// <summary>Silo endpoint of the silo whose cluster this one joins; empty to begin a cluster.</summary>
    [Description("Silo to join with localhost clustering, as 127.0.0.1:PORT with its silo port; "
        + "empty = this silo begins a cluster.")]
    public string Primary { get; init; } = "";

    /// <summary>Training lanes: nodes that train at the same time; 0 for one a core.</summary>
    [Description("Training lanes, that is nodes that train at the same time; 0 = one a core.")]
    public int Lanes { get; init; }

    /// <summary>What lanes compute on.</summary>
    [Description("What lanes compute on: auto (the GPUs, if libtorch sees any), cpu, cuda (all GPUs) or cuda:N.")]
    public string Device { get; init; } = "auto";

    /// <summary>Folder that holds a folder for each run.</summary>
    [Description("Folder in which each run gets a folder of its own; with localhost clustering that of all silos "
        + "of the cluster, and no other cluster's.")]
    public string Runs { get; init; } = "runs";

    /// <summary>
    /// Mebibytes of nodes' weights and other vectors that stay in memory; 0 for half of the machine's.
    /// </summary>
    [Description("MiB of nodes' weights and other state that stay in memory; what was used longest ago "
        + "goes to the disk of --runs. 0 = half of the machine's.")]
    public int StateMemory { get; init; }

    /// <summary>
    /// Seconds that a silo which is asked to stop gives the rounds under way, so that its nodes move to other silos; 0
    /// for none.
    /// </summary>
    [Description("Seconds that a stopping silo waits for the rounds under way, so that its nodes move to other silos; "
        + "0 = none.")]
    public int HandOverSeconds { get; init; } = 30;

    /// <summary>Chunks of 256 KiB that the silo has asked others for and not yet got, 1 to 64.</summary>
    [Description("Chunks of 256 KiB that are on their way to this silo at a time, 1 to 64; "
        + "few keep calls quick on a slow link.")]
    public int TransferWindow { get; init; } = 4;

    /// <summary>The silo's certificate for TLS with silos and clients; empty for connections without TLS.</summary>
    [Description("The silo's certificate, a PEM or PFX file; with it every connection needs TLS. "
        + "PFX password: ORLEANS_FL_TLS_PASSWORD.")]
    public string TlsCertificate { get; init; } = "";

    /// <summary>Private key of the certificate; empty with a PFX file.</summary>
    [Description("Private key of the certificate, a PEM file; a PFX file holds its own.")]
    public string TlsKey { get; init; } = "";

    /// <summary>Certificate of the authority that silos and clients must be signed by.</summary>
    [Description("The authority that silos and flctl must be signed by, a PEM file.")]
    public string TlsAuthority { get; init; } = "";

    /// <summary>File that holds the key of the web pages; empty for none.</summary>
    [Description("File with the key that every web page but /health needs; or the key itself in ORLEANS_FL_HTTP_KEY.")]
    public string HttpKeyFile { get; init; } = "";

    /// <summary>Whether others may reach the silo without TLS.</summary>
    [Description("true = others may reach this silo without TLS; only where every machine is trusted.")]
    public bool Insecure { get; init; }

    /// <summary>Environment variable with the key of the web pages.</summary>
    public const string HttpKeyVariable = "ORLEANS_FL_HTTP_KEY";

    /// <summary>
    /// The key of the web pages by the environment. Secrets are no flags: everybody on a machine sees those.
    /// </summary>
    internal string HttpKey { get; init; } = "";

    /// <summary>Password of a PFX file, by the environment.</summary>
    internal string? TlsPassword { get; init; }

    /// <summary>Where the silo's certificate is, if it has one.</summary>
    internal TlsFiles TlsFiles => new(TlsCertificate, TlsKey, TlsAuthority);

    /// <summary>The silo's name, the default considered.</summary>
    public string EffectiveName => Name.Length > 0 ? Name : $"{Environment.MachineName}-{SiloPort}";

    /// <summary><see cref="Bind"/> as an address; loopback if it is none.</summary>
    public IPAddress BindAddress => IPAddress.TryParse(Bind, out var address) ? address : IPAddress.Loopback;

    /// <summary><see cref="Advertise"/> as an address, the default considered.</summary>
    public IPAddress AdvertisedAddress => IPAddress.TryParse(Advertise, out var address) ? address : BindAddress;

    /// <summary>Where checkpoints are kept, the default considered: never <see cref="CheckpointPlace.Auto"/>.</summary>
    public CheckpointPlace EffectiveCheckpoints => (Checkpoints, Clustering) switch
    {
        (CheckpointPlace.Auto, ClusteringKind.Localhost) => CheckpointPlace.Folder,
        (CheckpointPlace.Auto, _) => CheckpointPlace.Database,
        _ => Checkpoints,
    };

    /// <summary>
    /// Options of a silo inside another program: free ports, no gateway since its client is in the process.
    /// </summary>
    /// <param name="runs">Folder of the runs.</param>
    /// <param name="lanes">Training lanes; 0 for one a core.</param>
    /// <param name="device">What lanes compute on.</param>
    public static SiloOptions Embedded(string runs, int lanes, string device = "auto") =>
        new()
        {
            Name = "local",
            SiloPort = FreePort(),
            GatewayPort = 0,
            HttpPort = 0,
            Runs = runs,
            Lanes = lanes,
            Device = device,
        };

    /// <summary>The endpoint that <see cref="Primary"/> names; null if it is empty or names none.</summary>
    public IPEndPoint? PrimaryEndpoint() =>
        IPEndPoint.TryParse(
            Primary.Replace("localhost", "127.0.0.1", StringComparison.OrdinalIgnoreCase), out var endpoint)
            && endpoint.Port > 0 ? endpoint : null;

    /// <summary>The <see cref="Labels"/> by key; those that are no label are left out.</summary>
    public IReadOnlyDictionary<string, string> LabelsByKey() => SiloLabels.Parse(Labels).Labels;

    /// <summary>The name alone: other options may hold a password.</summary>
    public override string ToString() => EffectiveName;

    /// <summary>The key that web pages need; null if they need none.</summary>
    /// <exception cref="SecurityException">The key cannot be read, or is too short.</exception>
    internal string? ReadHttpKey()
    {
        if (HttpKeyFile.Length == 0) return HttpKey.Length == 0 ? null
            : SecurityValidator.Checked(HttpKey, HttpKeyVariable);
        var key = UserFile.Read(HttpKeyFile, UserFile.LargestSettings, m => new SecurityException(m));
        return SecurityValidator.Checked(Encoding.UTF8.GetString(key).Trim(), HttpKeyFile);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
