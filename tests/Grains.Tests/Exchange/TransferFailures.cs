using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>What goes wrong when silos read from each other, and what they asked.</summary>
public sealed class TransferFailures
{
    /// <summary>Offsets asked for, in the order in which the calls came.</summary>
    public List<long> Asked { get; } = [];

    /// <summary>Happens before an answer.</summary>
    public Func<long, Task> Failure { get; set; } = _ => Task.CompletedTask;

    /// <summary>Changes an answer.</summary>
    public Func<WeightChunk, long, WeightChunk> Lie { get; set; } = (chunk, _) => chunk;

    /// <summary>Changes an aggregate.</summary>
    public Func<WeightChunk, WeightChunk> LieOfAggregate { get; set; } = chunk => chunk;

    /// <summary>Nothing goes wrong and nothing was asked: the next test of the cluster begins.</summary>
    public void Clear()
    {
        lock (Asked) Asked.Clear();
        Failure = _ => Task.CompletedTask;
        Lie = (chunk, _) => chunk;
        LieOfAggregate = chunk => chunk;
    }

    public Task Before(long offset)
    {
        lock (Asked) Asked.Add(offset);
        return Failure(offset);
    }
}

/// <summary>
/// Asks the shelf of the silo that a node's rank says: node r sits on silo r mod the number of silos.
/// </summary>
public sealed class ShelfPeers(IGrainFactory grains, TransferCluster.Names silos) : IPeerCalls
{
    public Task<WeightChunk> Read(ReadRequest request) =>
        grains.GetGrain<IShelfGrain>(silos.Of(request.Address.Node)).Read(request);

    public Task<bool> HasSent(UpdateAddress message) => throw new NotSupportedException("Not used here.");

    public Task<WeightChunk> ReadSum(string silo, SumRequest request) =>
        grains.GetGrain<IShelfGrain>(silo).ReadSum(request);

    public Task<WeightChunk> ReadBlock(string silo, BlockRequest request) =>
        grains.GetGrain<IShelfGrain>(silo).ReadBlock(request);

    public Task<WeightChunk> Aggregate(string silo, AggregateRequest request) =>
        grains.GetGrain<IShelfGrain>(silo).Aggregate(request);

    public Task<TestAnswer> Test(string silo, TestRequest request) =>
        throw new NotSupportedException("Nothing is tested here.");
}
