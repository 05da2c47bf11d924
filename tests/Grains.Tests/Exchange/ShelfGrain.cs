using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Exchange.Blocks;
using Orleans.FL.Grains.Interfaces;
using Orleans.Placement;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>Reaches what a silo of a test cluster published, without any run; the key is the silo's name.</summary>
[Alias("fl.tests.shelf")]
public interface IShelfGrain : IGrainWithStringKey
{
    /// <summary>Makes the grain be there: the first call comes from its own silo.</summary>
    [Alias("Open")]
    Task<string> Open();

    [Alias("Read")]
    Task<WeightChunk> Read(ReadRequest request);

    [Alias("ReadSum")]
    Task<WeightChunk> ReadSum(SumRequest request);

    [Alias("ReadBlock")]
    Task<WeightChunk> ReadBlock(BlockRequest request);

    [Alias("Aggregate")]
    Task<WeightChunk> Aggregate(AggregateRequest request);
}

[PreferLocalPlacement, Orleans.Concurrency.Reentrant]
internal sealed class ShelfGrain(PublishedUpdates published, PartialSums sums, BlockAggregates aggregates,
    TransferFailures failures, TransferCluster.Names silos, ILocalSiloDetails silo) : Grain, IShelfGrain
{
    public Task<string> Open() => Task.FromResult(silo.Name);

    public async Task<WeightChunk> Read(ReadRequest request)
    {
        await failures.Before(request.Offset);
        return failures.Lie(await published.Read(request), request.Offset);
    }

    public async Task<WeightChunk> ReadSum(SumRequest request)
    {
        await failures.Before(request.Offset);
        return failures.Lie(await sums.Read(request), request.Offset);
    }

    public async Task<WeightChunk> ReadBlock(BlockRequest request)
    {
        await failures.Before(request.Start);
        return failures.Lie(published.Read(request), request.Start);
    }

    public async Task<WeightChunk> Aggregate(AggregateRequest request)
    {
        await failures.Before(request.Start);
        var (aggregator, format) = silos.Aggregation
            ?? throw new InvalidOperationException("The test says no aggregator.");
        var address = UpdateAddress.InExchange(request.Run, request.Epoch, 0, request.Round, request.Exchange);
        return failures.LieOfAggregate(await aggregates.Read(
            request, new RowSource(address, request.Nodes, format, silos.Of, silo.Name), aggregator));
    }
}
