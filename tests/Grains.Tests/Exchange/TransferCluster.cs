using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Exchange.Blocks;
using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Codecs;
using Orleans.TestingHost;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>
/// Silos that publish and read vectors, without any run; the tests of a class share them, each under a run id of its
/// own.
/// </summary>
public sealed class TransferCluster : IAsyncLifetime
{
    public const int Silos = 3;

    private readonly InProcessTestCluster _cluster;
    private readonly Names _names = new();
    private int _runs;

    public TransferCluster()
    {
        var builder = new InProcessTestClusterBuilder(Silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(Failures);
            silo.Services.AddSingleton(_names);
            silo.Services.AddSingleton<IPeerCalls, ShelfPeers>();
            silo.Services.AddSingleton(Options.Create(new FederationOptions()));
            silo.Services.AddExchange();
            silo.Services.AddBlocks();
        });
        _cluster = builder.Build();
    }

    public TransferFailures Failures { get; } = new();

    public async Task InitializeAsync()
    {
        await _cluster.DeployAsync();
        _names.All = [.. _cluster.Silos.Select(s => s.Name)];
        foreach (var silo in _cluster.Silos)
            Assert.Equal(silo.Name,
                await silo.ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IShelfGrain>(silo.Name).Open());
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>A run id that nothing was published under; nothing goes wrong from now on.</summary>
    public string NextRun()
    {
        Failures.Clear();
        return $"run-{Interlocked.Increment(ref _runs)}";
    }

    /// <summary>Has the silos aggregate what is gathered from now on.</summary>
    public void AggregateBy(Aggregator aggregator, UpdateFormat format) => _names.Aggregation = (aggregator, format);

    public string NameOf(int node) => _names.Of(node);

    public UpdateReader Reader(int silo) => Get<UpdateReader>(silo);

    public PublishedUpdates Published(int silo) => Get<PublishedUpdates>(silo);

    public T Get<T>(int silo) where T : notnull => _cluster.Silos[silo % Silos].ServiceProvider.GetRequiredService<T>();

    /// <summary>Names of the silos, known once they are up.</summary>
    public sealed class Names
    {
        public string[] All { get; set; } = [];

        /// <summary>What aggregates the rows of a test, and what its updates are.</summary>
        public (Aggregator Aggregator, UpdateFormat Format)? Aggregation { get; set; }

        public string Of(int node) => All[node % All.Length];
    }
}
