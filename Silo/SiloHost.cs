using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.FL.Grains;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.Silo;

/// <summary>A running silo with its web pages: the composition root of the silo program and of flctl's embedded mode.</summary>
public sealed partial class SiloHost : IAsyncDisposable
{
    /// <summary>Name of the cluster, the same for silos and clients.</summary>
    public const string Cluster = "orleans-fl";

    // Deactivation of a grain that does not let go; training itself is cancelled as soon as the silo begins to stop.
    private static readonly TimeSpan LetGoWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;

    private SiloHost(WebApplication app, SiloOptions options)
    {
        _app = app;
        Options = options;
        Web = new Uri(app.Urls.First());
    }

    /// <summary>The options that it runs with.</summary>
    public SiloOptions Options { get; }

    /// <summary>Address of its web pages.</summary>
    public Uri Web { get; }

    /// <summary>Address of the dashboard.</summary>
    public Uri Dashboard => new(Web, "/dashboard/");

    /// <summary>A client of the silo in the same process.</summary>
    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a silo; it is ready for work when the task ends.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="place">Whether it owns the process.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OptionsValidationException">The options are faulty, or a port is in use; each failure is a
    /// sentence.</exception>
    public static async Task<SiloHost> Start(SiloOptions options, SiloPlace place, CancellationToken cancellation = default)
    {
        var validation = new SiloOptionsValidator().Validate(null, options);
        if (validation.Failed) throw new OptionsValidationException("", typeof(SiloOptions), validation.Failures);
        await SiloPorts.Check(options, cancellation);
        var app = Build(options, place);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        var host = new SiloHost(app, options);
        host.Announce(app.Services.GetRequiredService<IOptions<FederationOptions>>().Value);
        return host;
    }

    /// <summary>Waits until the process is asked to stop (Ctrl+C, SIGTERM) and stops cleanly.</summary>
    public Task WaitForShutdown() => _app.WaitForShutdownAsync();

    /// <summary>Stops: ends training, keeps what runs have committed.</summary>
    /// <param name="cancellation">Stops at once.</param>
    public Task Stop(CancellationToken cancellation = default) => _app.StopAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static WebApplication Build(SiloOptions options, SiloPlace place)
    {
        // The empty builder reads no files and adds no services by itself: what a silo obeys is in SiloOptions alone.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "Orleans.FL.Silo" });
        SiloLog.Add(builder.Logging, place);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.HttpPort);
            kestrel.LimitStrangers();
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton<SiloHealth>();
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ServicesStartConcurrently = true; // /health answers "starting" while Orleans starts
            host.ShutdownTimeout = StopWithin;
        });
        if (place == SiloPlace.Embedded) builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.UseOrleans(silo => Configure(silo, options));

        var app = builder.Build();
        if (options.ReadHttpKey() is { } key) app.Use(new HttpKey(key).Ask);
        app.UseRouting();
        app.MapGet("/", () => Results.Redirect("/dashboard/"));
        app.MapGet("/health", (SiloHealth health, CancellationToken cancellation) => health.Respond(cancellation));
        app.MapOrleansDashboard("/dashboard");
        return app;
    }

    private static void Configure(ISiloBuilder silo, SiloOptions options)
    {
        silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, options.PrimaryEndpoint(), Cluster, Cluster);
        silo.Configure<Orleans.Configuration.SiloOptions>(o => o.SiloName = options.EffectiveName);
        silo.Configure<GrainCollectionOptions>(o => o.DeactivationTimeout = LetGoWithin);
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            // A dead silo is noticed in seconds; three probes of two seconds outlast a core that trains.
            o.ProbeTimeout = TimeSpan.FromSeconds(2);
            o.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        silo.CountTraffic(); // before TLS: what the sockets carry
        silo.GuardConnections(options.TlsFiles.Given ? options.TlsFiles.Load(TlsRole.Silo, _ => options.TlsPassword) : null);
        silo.AddDashboard(dashboard => dashboard.HideTrace = true);
        silo.AddFederation(federation =>
        {
            federation.Lanes = options.Lanes;
            federation.Device = options.Device;
            federation.RunsFolder = Path.GetFullPath(options.Runs);
            federation.SiloName = options.EffectiveName;
        });
    }

    private void Announce(FederationOptions federation)
    {
        var logger = _app.Services.GetRequiredService<ILogger<SiloHost>>();
        if (Options.Insecure && !Options.TlsFiles.Given) Log.Insecure(logger, Options.Bind);
        Log.Up(logger, Options.EffectiveName,
            Options.GatewayPort == 0 ? "none" : $"127.0.0.1:{Options.GatewayPort}", Dashboard, federation.RunsFolder);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Silo {Name} is up: gateway {Gateway}, dashboard {Dashboard}, runs in {Runs}.")]
        public static partial void Up(ILogger logger, string name, string gateway, Uri dashboard, string runs);

        [LoggerMessage(2, LogLevel.Warning, "Insecure: whoever reaches {Bind} can tell this silo what they like.")]
        public static partial void Insecure(ILogger logger, string bind);
    }
}

/// <summary>Where a silo runs.</summary>
public enum SiloPlace
{
    /// <summary>In a process of its own: logs to stdout, obeys signals.</summary>
    OwnProcess,

    /// <summary>Inside another program, which owns the terminal and the signals.</summary>
    Embedded,
}
