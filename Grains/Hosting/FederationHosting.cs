using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Exchange.Blocks;
using Orleans.FL.Grains.Nodes;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Registry;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.FL.Grains.Hosting;

/// <summary>Adds what the grains need to a silo.</summary>
public static partial class FederationHosting
{
    /// <summary>Name of the storage that keeps the state of grains; the silo's host registers it.</summary>
    public const string Storage = RegistryState.Storage;

    /// <summary>Adds lanes, dataset cache, run contexts, weight exchange and placement of nodes.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configure">Sets the options.</param>
    public static ISiloBuilder AddFederation(this ISiloBuilder silo, Action<FederationOptions>? configure = null)
    {
        var options = new FederationOptions();
        configure?.Invoke(options);
        var services = silo.Services;
        services.AddSingleton(Options.Create(options));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new DatasetCache(DatasetLocator.Default));
        services.AddSingleton(s => new TrainingLanes(options.EffectiveLanes,
            () => LaneDevice.Of(options.Device, options.EffectiveLanes), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RunContexts>();
        services.AddSingleton(s => new VectorSpill(options.EffectiveStateMemoryBytes, options.RunsFolder,
            reason => Log.MemoryExceeded(s.GetRequiredService<ILoggerFactory>().CreateLogger<VectorSpill>(), reason)));
        services.AddSingleton<NodeStates>();
        services.AddSingleton<AheadTrainings>();
        services.AddSingleton<SiloInventory>();
        services.AddSingleton<ISiloView>(s => s.GetRequiredService<SiloInventory>());
        services.AddSingleton<NodeSnapshots>();
        services.AddSingleton<RunCheckpoints>();
        services.TryAddSingleton<ICheckpointStore>(s => new FolderCheckpointStore(options.RunsFolder));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RunRevival>();
        services.AddExchange();
        services.AddBlocks();
        services.AddMetrics();
        services.AddSingleton<SiloMeter>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<SiloMeter>());
        services.AddSingleton<RunningExperiments>();
        services.AddSingleton<RunServices>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<RunningExperiments>());
        silo.UseSiloMetadata(new Dictionary<string, string>
        {
            [SiloInventory.NameKey] = options.SiloName,
            [SiloInventory.LanesKey] = $"{options.EffectiveLanes}",
            [SiloInventory.LabelsKey] = string.Join(',', options.Labels),
        });
        // A caller that waits too long for a node asks again, and must not have ended the node's work.
        silo.Configure<SiloMessagingOptions>(o => o.CancelRequestOnTimeout = false);
        silo.AddIncomingGrainCallFilter<ClientCalls>();
        silo.AddPlacementDirector<SiloPlacement, SiloPlacementDirector>();
        return silo;
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "{Reason}")]
        public static partial void MemoryExceeded(ILogger logger, string reason);
    }
}
