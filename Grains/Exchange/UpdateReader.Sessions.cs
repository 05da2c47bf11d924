using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Receives the messages of others in split sessions.</summary>
public sealed partial class UpdateReader
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    private const int Tries = 31; // a minute in all, as with chunks

    private readonly LongCall _calls = new(time, ChunkPull.MayPass, _ => { }, BetweenTries, Tries);

    /// <summary>
    /// Waits until a node has sent a message, and gets it: by reference on this silo, in chunks from another one.
    /// </summary>
    /// <param name="address">Which message.</param>
    /// <param name="length">Number of its values.</param>
    /// <param name="route">By reference or in chunks.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The message, and the bytes that crossed from another silo.</returns>
    /// <exception cref="InvalidDataException">
    /// The node sends a message of another length, or twice bytes with another hash than it sent with them.
    /// </exception>
    /// <exception cref="InvalidOperationException">The node broke the split session off, or no longer has the
    /// message.</exception>
    public async Task<(ParameterVector Message, long WireBytes)> Receive(
        UpdateAddress address, int length, Route route, CancellationToken cancellation)
    {
        if (route == Route.ByReference)
        {
            var message = await published.Sent(address, cancellation);
            return message.Length == length ? (message, 0)
                : throw new InvalidDataException(
                    $"Node {address.Node} sends {message.Length} values where {length} are expected.");
        }
        await UntilSent(address, cancellation);
        return await PullPart(new ReadRequest(address), SinglePrecision.Instance, length, first =>
        {
            if (first.Parts.Length != 1)
                throw new InvalidDataException(
                    $"Node {address.Node} sends {first.Parts.Length} vectors where one is expected.");
        }, cancellation);
    }

    /// <summary>
    /// Asks again and again, for the other side may compute for long: no place among the transfers is held meanwhile.
    /// </summary>
    private async Task UntilSent(UpdateAddress message, CancellationToken cancellation) =>
        await _calls.Ask(() => peers.HasSent(message).WaitAsync(cancellation), isSent => !isSent, cancellation);
}
