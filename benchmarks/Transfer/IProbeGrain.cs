using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Orleans.Placement;

namespace Orleans.FL.Benchmarks.Transfer;

/// <summary>The publishing silo as the reading one sees it.</summary>
[Alias("fl.bench.probe")]
internal interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>A trivial call.</summary>
    [Alias("Ping"), Orleans.Concurrency.AlwaysInterleave]
    Task Ping();

    /// <summary>Publishes a vector anew, so that its hash has to be computed again.</summary>
    [Alias("Publish")]
    Task Publish(int values);

    /// <summary>Begins to watch the memory of the publisher.</summary>
    [Alias("WatchMemory")]
    Task WatchMemory();

    /// <summary>The most resident bytes since then beyond those at its beginning.</summary>
    [Alias("ExtraMemory")]
    Task<long> ExtraMemory();

    [Alias("Read"), Orleans.Concurrency.AlwaysInterleave]
    Task<WeightChunk> Read(ReadRequest request);
}

/// <summary>Lives on the silo that calls it first.</summary>
[PreferLocalPlacement]
internal sealed class ProbeGrain(PublishedUpdates published, TransferVectors vectors) : Grain, IProbeGrain
{
    private long _memory;

    public Task Ping() => Task.CompletedTask;

    public Task Publish(int values)
    {
        published.Publish(UpdateAddress.InExchange(TransferSilo.RunId, 0, values, 0, 0),
            new Update(ParameterVector.Own(vectors.Of(values))));
        return Task.CompletedTask;
    }

    public Task WatchMemory()
    {
        _memory = Resident.Watch();
        return Task.CompletedTask;
    }

    public Task<long> ExtraMemory() => Task.FromResult(Resident.Peak() - _memory);

    public Task<WeightChunk> Read(ReadRequest request) => published.Read(request);
}

/// <summary>Asks the publisher, whatever the node; a node's rank is the number of values that it published.</summary>
internal sealed class ProbePeers(IGrainFactory grains) : IPeerCalls
{
    public Task<WeightChunk> Read(ReadRequest request) =>
        grains.GetGrain<IProbeGrain>(TransferSilo.Publisher).Read(request);

    public Task<bool> HasSent(UpdateAddress message) => throw new NotSupportedException("Not used here.");

    public Task<WeightChunk> ReadSum(string silo, SumRequest request) =>
        throw new NotSupportedException("The job reads vectors only.");

    public Task<WeightChunk> ReadBlock(string silo, BlockRequest request) =>
        throw new NotSupportedException("The job reads vectors only.");

    public Task<WeightChunk> Aggregate(string silo, AggregateRequest request) =>
        throw new NotSupportedException("The job aggregates nothing.");

    public Task<TestAnswer> Test(string silo, TestRequest request) =>
        throw new NotSupportedException("The job tests nothing.");
}
