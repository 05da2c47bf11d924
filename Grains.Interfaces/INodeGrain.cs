using Orleans.Concurrency;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>
/// A seat with a learner: holds rank, merged settings and weights; trains on the lanes of its silo. The key is
/// "run/rank@silo".
/// </summary>
/// <remarks>
/// Every order names its epoch, its round and the version of the state that it begins with, so that a repeated order is
/// recognised and one of a coordinator that was replaced is refused; peers read from each other directly. A step that
/// takes longer than ten seconds is answered as pending: the caller repeats the order, and waits on. So a lost
/// message costs seconds, however long a step takes.
/// </remarks>
[Alias("fl.node")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Key of a node's grain.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="rank">The node's rank.</param>
    /// <param name="silo">Name of the silo that it sits on.</param>
    static string KeyOf(string run, int rank, string silo) => $"{run}/{rank}@{silo}";

    /// <summary>
    /// Takes the seat for an epoch of the run: with the state that it has, that of a checkpoint, or a new one.
    /// </summary>
    /// <param name="order">The seat, and where its state comes from.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Join"), ResponseTimeout("00:01:00")]
    Task<Seat> Join(JoinOrder order, CancellationToken cancellation = default);

    /// <summary>Trains for one round and publishes what the node sends its peers in the first exchange.</summary>
    /// <param name="order">Which round, from which state.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Train"), ResponseTimeout("00:00:20")]
    Task<PhaseReport> Train(StepOrder order, CancellationToken cancellation = default);

    /// <summary>
    /// Receives its peers' updates in one exchange, or holds a split session with one of them, combines, and
    /// publishes what it sends in the next one, if there is one.
    /// </summary>
    /// <param name="order">Which round, from which state.</param>
    /// <param name="exchange">Exchange of the round, from 0.</param>
    /// <param name="absent">Ranks of nodes whose updates are not received; their weight goes back to the row.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Combine"), ResponseTimeout("00:00:20")]
    Task<PhaseReport> Combine(StepOrder order, int exchange, int[] absent, CancellationToken cancellation = default);

    /// <summary>Receives the server's model as it is before a round, to begin the round with it.</summary>
    /// <param name="order">Which round, from which state.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("CatchUp"), ResponseTimeout("00:00:20")]
    Task<PhaseReport> CatchUp(StepOrder order, CancellationToken cancellation = default);

    /// <summary>Tests the node's weights.</summary>
    /// <param name="order">Which round, and which state.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Evaluate"), ResponseTimeout("00:00:20")]
    Task<PhaseReport> Evaluate(StepOrder order, CancellationToken cancellation = default);

    /// <summary>Bytes of a published vector, for peers on other silos.</summary>
    /// <param name="request">Which vector, and which part of it.</param>
    /// <returns>A chunk; its receiver disposes it.</returns>
    [Alias("Read"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task<WeightChunk> Read(ReadRequest request);

    /// <summary>
    /// Waits until the node has sent a message of a split session, some seconds at most; <see cref="Read"/> gives its
    /// bytes.
    /// </summary>
    /// <param name="message">Which message.</param>
    /// <returns>False if it has not sent it yet.</returns>
    [Alias("HasSent"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task<bool> HasSent(UpdateAddress message);

    /// <summary>Goes idle until it takes its seat again; its state stays with the silo.</summary>
    /// <param name="epoch">Epoch of the caller; a call of another epoch than the node's is ignored.</param>
    /// <param name="rounds">Rounds done; a node that took its seat after them ignores the call.</param>
    [Alias("GoIdle")]
    Task GoIdle(long epoch, int rounds);

    /// <summary>Leaves the seat; what it held is let go.</summary>
    /// <param name="epoch">Epoch of the caller; a call of an older one than the silo's is ignored.</param>
    [Alias("Leave")]
    Task Leave(long epoch);
}
