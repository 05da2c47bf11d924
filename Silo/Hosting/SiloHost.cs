using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.FL.Grains;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Hosting;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Silo.Checkpoints;
using Orleans.FL.Silo.Clustering;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;
using Orleans.FL.Silo.Security;
using Orleans.FL.Silo.Web;
using SiloOptions = Orleans.FL.Silo.Options.SiloOptions;

namespace Orleans.FL.Silo.Hosting;

/// <summary>
/// A running silo with its web pages: the composition root of the silo program and of flctl's embedded mode.
/// </summary>
public sealed partial class SiloHost : IAsyncDisposable
{
    // Deactivation of a grain that does not let go; training itself is cancelled as soon as the silo begins to stop.
    private static readonly TimeSpan LetGoWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SignOffWithin = TimeSpan.FromSeconds(4);

    private readonly WebApplication _app;
    private readonly IDisposable? _held;

    private SiloHost(WebApplication app, IDisposable? held, SiloOptions options)
    {
        (_app, _held) = (app, held);
        Options = options;
        Web = new UriBuilder(app.Urls.First()) { Host = $"{options.AdvertisedAddress}" }.Uri;
    }

    /// <summary>The options that it runs with.</summary>
    public SiloOptions Options { get; }

    /// <summary>Address of its web pages.</summary>
    public Uri Web { get; }

    /// <summary>Address of the dashboard.</summary>
    public Uri Dashboard => new(Web, $"{WebPages.Dashboard}/");

    /// <summary>A client of the silo in the same process.</summary>
    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a silo; it is ready for work when the task ends.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="place">Whether it owns the process.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OptionsValidationException">The options are invalid, a port is in use, the device or the
    /// database is not there, or another silo has the name or the folder; each failure is a sentence.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop before it was up.</exception>
    public static Task<SiloHost> Start(
        SiloOptions options, SiloProcess place, CancellationToken cancellation = default) =>
        Start(options, place, new DatasetCache(DatasetLocator.Default), cancellation);

    /// <summary>Starts a silo that takes its datasets from a cache; it is ready for work when the task ends.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="place">Whether it owns the process.</param>
    /// <param name="data">Its datasets.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OptionsValidationException">The options are invalid, a port is in use, the device or the
    /// database is not there, or another silo has the name or the folder; each failure is a sentence.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop before it was up.</exception>
    public static async Task<SiloHost> Start(
        SiloOptions options, SiloProcess place, DatasetCache data, CancellationToken cancellation = default)
    {
        var validation = new SiloOptionsValidator().Validate(null, options);
        if (validation.Failed) throw new OptionsValidationException("", typeof(SiloOptions), validation.Failures);
        SiloDevice.Check(options);
        await SiloPorts.Check(options, cancellation);
        var held = await Prepare(options, place, cancellation);
        WebApplication? app = null;
        var stopping = cancellation;
        try
        {
            app = Build(options, place, data);
            if (place == SiloProcess.OwnProcess) stopping = app.Lifetime.ApplicationStopping;
            await app.StartAsync(cancellation);
            var host = new SiloHost(app, held, options);
            host.Announce(app.Services.GetRequiredService<IOptions<FederationOptions>>().Value);
            return host;
        }
        catch (Exception e)
        {
            if (app is not null) await app.DisposeAsync();
            held?.Dispose();
            if (stopping.IsCancellationRequested)
                throw new OperationCanceledException("The silo was asked to stop before it was up.", e);
            if (Reason(e, options) is { } reason) throw reason;
            throw;
        }
    }

    /// <summary>Waits until the process is asked to stop (Ctrl+C, SIGTERM) and stops.</summary>
    /// <returns>Whether it stopped cleanly. One that cannot, because its database is away, is given up: the process is
    /// to end, and the others find out by themselves.</returns>
    public async Task<bool> WaitForShutdown()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _app.Lifetime.ApplicationStopping.Register(asked.SetResult);
        var ended = _app.WaitForShutdownAsync();
        await asked.Task;
        var others = _app.Services.GetRequiredService<SiloInventory>().Silos.Count > 1;
        var limit = StopWithin + SignOffWithin + TimeSpan.FromSeconds(others ? Options.HandOverSeconds : 0);
        if (await Task.WhenAny(ended, Task.Delay(limit)) == ended)
        {
            await ended;
            return true;
        }
        Log.NotSignedOff(
            _app.Services.GetRequiredService<ILogger<SiloHost>>(), limit.TotalSeconds, ClusterParts.Describe(Options));
        return false;
    }

    /// <summary>Stops: ends training, keeps what runs have committed.</summary>
    /// <param name="cancellation">Stops at once.</param>
    public Task Stop(CancellationToken cancellation = default) => _app.StopAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _held?.Dispose();
    }

    private static async Task<IDisposable?> Prepare(
        SiloOptions options, SiloProcess place, CancellationToken cancellation)
    {
        try
        {
            return await ClusterParts.Prepare(options, place, cancellation);
        }
        catch (ClusterDatabaseException e)
        {
            throw Refusal(e.Message);
        }
    }

    /// <summary>The failed start in sentences, if it has some.</summary>
    private static OptionsValidationException? Reason(Exception e, SiloOptions options) => e switch
    {
        OptionsValidationException refusal => refusal,
        _ when ClusterParts.Loss(e, options) is { } sentence => Refusal($"--database: {sentence}"),
        AggregateException all =>
            all.InnerExceptions.Select(i => Reason(i, options)).FirstOrDefault(r => r is not null),
        { InnerException: { } inner } => Reason(inner, options),
        _ => null,
    };

    private static OptionsValidationException Refusal(string sentence) => new("", typeof(SiloOptions), [sentence]);

    private static WebApplication Build(SiloOptions options, SiloProcess place, DatasetCache data)
    {
        // The empty builder reads no files and adds no services by itself: what a silo obeys is in SiloOptions alone.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "Orleans.FL.Silo" });
        SiloLog.Add(builder.Logging, place);
        builder.AddWebPages(options);
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ServicesStartConcurrently = true; // /health answers "starting" while Orleans starts
            // it counts from before the hand-over
            host.ShutdownTimeout = StopWithin + TimeSpan.FromSeconds(options.HandOverSeconds);
        });
        if (place == SiloProcess.Embedded) builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddSingleton(data);
        builder.UseOrleans(silo => Configure(silo, options, place));
        builder.Services.Replace(ServiceDescriptor.Singleton<IFatalErrorHandler, FatalEnd>());

        var app = builder.Build();
        app.MapWebPages(options.ReadHttpKey());
        return app;
    }

    private static void Configure(ISiloBuilder silo, SiloOptions options, SiloProcess place)
    {
        ClusterParts.Add(silo, options, place);
        silo.Configure<Orleans.Configuration.SiloOptions>(o => o.SiloName = options.EffectiveName);
        silo.Configure<GrainCollectionOptions>(o => o.DeactivationTimeout = LetGoWithin);
        silo.CountTraffic(); // before TLS: what the sockets carry
        silo.GuardConnections(
            options.TlsFiles.Given ? options.TlsFiles.Load(TlsRole.Silo, _ => options.TlsPassword) : null);
        silo.AddDashboardPages(place);
        CheckpointParts.Add(silo, options);
        silo.AddFederation(federation =>
        {
            federation.Lanes = options.Lanes;
            federation.Device = options.Device;
            federation.RunsFolder = Path.GetFullPath(options.Runs);
            federation.SiloName = options.EffectiveName;
            federation.Labels = [.. options.LabelsByKey().Select(l => $"{l.Key}={l.Value}")];
            federation.HandOverSeconds = options.HandOverSeconds;
            federation.TransferWindow = options.TransferWindow;
            federation.StateMemoryBytes = (long)options.StateMemory << 20;
        });
    }

    private void Announce(FederationOptions federation)
    {
        var logger = _app.Services.GetRequiredService<ILogger<SiloHost>>();
        if (Options.Insecure && !Options.TlsFiles.Given) Log.Insecure(logger, Options.Bind);
        Log.Up(logger, Options.EffectiveName,
            Options.GatewayPort == 0 ? "none" : $"{new IPEndPoint(Options.AdvertisedAddress, Options.GatewayPort)}",
            Dashboard, federation.RunsFolder, Options.Cluster, ClusterParts.Describe(Options));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Silo {Name} is up: gateway {Gateway}, dashboard {Dashboard}, runs in {Runs}, "
            + "cluster {Cluster} on {Place}.")]
        public static partial void Up(
            ILogger logger, string name, string gateway, Uri dashboard, string runs, string cluster, string place);

        [LoggerMessage(2, LogLevel.Warning, "Insecure: anyone who reaches {Bind} can make this silo do anything.")]
        public static partial void Insecure(ILogger logger, string bind);

        [LoggerMessage(4, LogLevel.Warning, "The silo could not sign off within {Seconds} s and ends without: is "
            + "{Place} away? The other silos will find that it is gone, and its runs go on with them.")]
        public static partial void NotSignedOff(ILogger logger, double seconds, string place);
    }
}
