using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Hosting;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Testing;
using Orleans.Serialization;
using Orleans.Storage;
using Orleans.TestingHost;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>A cluster of silos in this process, on toy data; its runs' folders go with it.</summary>
/// <remarks>
/// The tests of a class share one (<see cref="SharedClusters"/>), one run after the other and each under its own id; a
/// test that kills, adds or stops silos has one of its own (<see cref="Start"/>).
/// </remarks>
public class FederationCluster : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, (byte[], string)> _states = [];
    private readonly InProcessTestCluster _cluster;

    /// <summary>A cluster that is not started yet.</summary>
    /// <param name="silos">How many silos.</param>
    /// <param name="lanes">Lanes of each.</param>
    /// <param name="data">Its data; null for <see cref="Toy.Data"/>.</param>
    /// <param name="stateMemory">Bytes of vectors that each may keep in memory; 0 for its own choice.</param>
    /// <param name="store">Where journals and checkpoints are; null for the folder of the runs.</param>
    /// <param name="runs">Folder of the runs; null for a new one.</param>
    protected FederationCluster(int silos, int lanes, DatasetCache? data = null, long stateMemory = 0,
        ICheckpointStore? store = null, string? runs = null)
    {
        Runs = runs ?? Directory.CreateTempSubdirectory("orleans-fl-tests-").FullName;
        data ??= Toy.Data();
        Silos = silos;
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.Services.AddSingleton(data);
            silo.Services.AddKeyedSingleton<IGrainStorage>(
                FederationHosting.Storage, (s, _) => new SharedStorage(_states, s.GetRequiredService<Serializer>()));
            if (store is not null) silo.Services.AddSingleton(store);
            silo.UseInMemoryReminderService();
            silo.AddIncomingGrainCallFilter(TestHooks);
            silo.AddIncomingGrainCallFilter(Failures);
            silo.AddFederation(f =>
            {
                f.Lanes = lanes;
                f.RunsFolder = Runs;
                f.SiloName = options.SiloName;
                f.StateMemoryBytes = stateMemory;
            });
        });
        _cluster = builder.Build();
    }

    /// <summary>Number of silos that it starts with.</summary>
    public int Silos { get; }

    /// <summary>Folder of the runs.</summary>
    public string Runs { get; }

    /// <summary>What goes wrong at the nodes.</summary>
    public NodeFailures Failures { get; } = new();

    public IGrainFactory Grains => _cluster.Client;

    /// <summary>Calls as silos make them; <see cref="Grains"/> is a client's.</summary>
    public IGrainFactory Between => Services(0).GetRequiredService<IGrainFactory>();

    public IRegistryGrain Registry => Grains.GetGrain<IRegistryGrain>(IRegistryGrain.Key);

    /// <summary>Has Orleans let go of a run's activation, as when its directory entry is lost.</summary>
    /// <param name="run">Run id.</param>
    public Task LetGo(string run) => Between.GetGrain<IExperimentGrain>(run)
        .AsReference<IGrainManagementExtension>().DeactivateOnIdle().AsTask();

    /// <summary>Services of a silo.</summary>
    public IServiceProvider Services(int silo) => _cluster.GetSiloServiceProvider(_cluster.Silos[silo].SiloAddress);

    /// <summary>Address of a silo.</summary>
    public SiloAddress AddressOf(int silo) => _cluster.Silos[silo].SiloAddress;

    /// <summary>Ends a silo at once, without notice.</summary>
    public Task Kill(int silo) => _cluster.KillSiloAsync(_cluster.Silos[silo]);

    /// <summary>Stops a silo, as a host does on request.</summary>
    public Task Stop(int silo) => _cluster.StopSiloAsync(_cluster.Silos[silo]);

    /// <summary>Starts one more silo.</summary>
    public Task Add() => _cluster.StartAdditionalSiloAsync();

    /// <summary>Stops the silos, as a host does on request.</summary>
    public Task StopSilos() => _cluster.StopAllSilosAsync();

    /// <summary>Starts a cluster that one test has for itself.</summary>
    /// <param name="silos">How many silos.</param>
    /// <param name="lanes">Lanes of each.</param>
    /// <param name="data">The datasets; null for toy data.</param>
    public static async Task<FederationCluster> Start(int silos, int lanes, DatasetCache? data = null)
    {
        var cluster = new FederationCluster(silos, lanes, data);
        await cluster.InitializeAsync();
        return cluster;
    }

    public Task InitializeAsync() => _cluster.DeployAsync();

    public virtual async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(Runs, recursive: true);
    }

    /// <summary>Registers and starts an experiment.</summary>
    public async Task<IExperimentGrain> Begin(Experiment experiment, string? run = null)
    {
        var registration = await Registry.Register(ExperimentWriter.Canonical(experiment), run);
        Assert.Empty(registration.Errors);
        var grain = Grains.GetGrain<IExperimentGrain>(registration.Run!);
        await grain.Start();
        return grain;
    }

    /// <summary>Runs an experiment to its end and gives its recorded events.</summary>
    public async Task<List<RunEvent>> Finish(Experiment experiment, string? run = null) =>
        await Watch(await Begin(experiment, run));

    /// <summary>The recorded events of a run, up to its end.</summary>
    public static async Task<List<RunEvent>> Watch(IExperimentGrain grain, long from = 0)
    {
        var events = new List<RunEvent>();
        await foreach (var happened in grain.Watch(from))
            if (happened.Recorded) events.Add(happened);
        return events;
    }

    /// <summary>Watches a run until something happens.</summary>
    public static async Task Until(IExperimentGrain grain, Func<RunEvent, bool> wanted)
    {
        await foreach (var happened in grain.Watch(0))
            if (wanted(happened)) return;
    }

    /// <summary>Watches a run to its end, through the loss of the silo that it is watched on.</summary>
    public async Task<List<RunEvent>> WatchOn(string run)
    {
        var events = new List<RunEvent>();
        while (events is not [.., { Final: true }])
        {
            try
            {
                events.AddRange(await Watch(Grains.GetGrain<IExperimentGrain>(run), events.Count));
            }
            catch (Exception e) when (e is OrleansException or TimeoutException
                or EnumerationAbortedException or OperationCanceledException)
            {
                // Its silo is gone; another one has the run in a moment.
            }
        }
        return events;
    }

    // The test cluster's client asks silos what no user's client may ask; those calls end here.
    private static async Task TestHooks(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType?.Name == "ITestHooks")
            context.Response = await context.Request.Invoke();
        else
            await context.Invoke();
    }
}
