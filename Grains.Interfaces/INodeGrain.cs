using Orleans.Concurrency;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>A seat with a learner: holds rank, merged settings and weights; trains on the lanes of its silo. The key is "run/rank".</summary>
/// <remarks>Every call names its round, so that a repeated call is recognised; peers read from each other directly.</remarks>
[Alias("fl.node")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Takes the seat: reads the experiment, loads the data, builds the learner.</summary>
    /// <param name="order">The experiment and the seat.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Join"), ResponseTimeout("1.00:00:00")]
    Task<Seat> Join(JoinOrder order, CancellationToken cancellation = default);

    /// <summary>Trains for one round and publishes what the node tells its peers in the first exchange.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Train"), ResponseTimeout("7.00:00:00")]
    Task<PhaseReport> Train(int round, CancellationToken cancellation = default);

    /// <summary>Hears its peers in one exchange, combines, and publishes what it tells in the next one, if there is one.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Exchange of the round, from 0.</param>
    /// <param name="absent">Ranks that are not heard; their weight goes back to the row.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Combine"), ResponseTimeout("1.00:00:00")]
    Task<PhaseReport> Combine(int round, int exchange, int[] absent, CancellationToken cancellation = default);

    /// <summary>Tests the node's weights.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Evaluate"), ResponseTimeout("1.00:00:00")]
    Task<PhaseReport> Evaluate(int round, CancellationToken cancellation = default);

    /// <summary>Keeps the weights after a number of rounds as the best so far.</summary>
    /// <param name="rounds">Rounds done.</param>
    [Alias("KeepBest"), AlwaysInterleave]
    Task KeepBest(int rounds);

    /// <summary>Bytes of a published vector, for peers on other silos.</summary>
    /// <param name="request">Which vector, and which part of it.</param>
    /// <returns>A chunk; who receives it disposes it.</returns>
    [Alias("Read"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task<WeightChunk> Read(ReadRequest request);

    /// <summary>Leaves the seat; what it held is let go.</summary>
    [Alias("Leave")]
    Task Leave();
}
