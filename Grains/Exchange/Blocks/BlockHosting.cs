using Microsoft.Extensions.DependencyInjection;

namespace Orleans.FL.Grains.Exchange.Blocks;

/// <summary>Adds the aggregation of rows block by block.</summary>
public static class BlockHosting
{
    /// <summary>Adds what reads, aggregates and receives blocks; needs <see cref="ExchangeHosting"/>.</summary>
    /// <param name="services">Services of the silo.</param>
    public static IServiceCollection AddBlocks(this IServiceCollection services) => services
        .AddSingleton<BlockReader>()
        .AddSingleton<BlockAggregates>()
        .AddSingleton<BlockGather>();
}
