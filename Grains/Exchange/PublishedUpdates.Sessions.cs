using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>The messages that nodes of this silo send in split sessions.</summary>
/// <remarks>
/// The two sides send strictly in turns, so a side that sends a message has received the answer to its last one,
/// which is let go then. A message names its epoch: when a round that was given up is done again, its old messages
/// are not received.
/// </remarks>
public sealed partial class PublishedUpdates
{
    /// <summary>Publishes a message.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="message">The message.</param>
    /// <exception cref="InvalidOperationException"><see cref="ForgetOlder"/> ended the epoch.</exception>
    public void Send(UpdateAddress address, ParameterVector message) =>
        Change(address, session => session.Sent = (
            address.Message ?? throw new ArgumentException("A message has a place.", nameof(address)),
            new Update(message)));

    /// <summary>
    /// Ends a split session early: a reader that waits for a message of the node gets the reason instead.
    /// </summary>
    /// <param name="session">Address of the node that ends it, in the exchange.</param>
    /// <param name="reason">Why, in a sentence.</param>
    public void BreakOff(UpdateAddress session, string reason)
    {
        try
        {
            Change(session, broken => broken.Broken = reason);
        }
        catch (InvalidOperationException)
        {
            // The epoch is over, and so is every wait in it.
        }
    }

    /// <summary>A message of a node of this silo, when it has sent it.</summary>
    /// <param name="message">Which message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">
    /// It broke the split session off, or has already sent a later message.
    /// </exception>
    public async Task<ParameterVector> Sent(UpdateAddress message, CancellationToken cancellation)
    {
        while (true)
        {
            var (sent, changed) = Look(message);
            if (sent is not null) return sent.Weights;
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Waits until a node of this silo has sent a message.</summary>
    /// <param name="message">Which message.</param>
    /// <param name="longest">Waits so long at most.</param>
    /// <returns>False if it has not sent it yet.</returns>
    /// <exception cref="InvalidOperationException">
    /// It broke the split session off, or has already sent a later message.
    /// </exception>
    public async Task<bool> HasSent(UpdateAddress message, TimeSpan longest)
    {
        using var over = new CancellationTokenSource(longest, time);
        try
        {
            await Sent(message, over.Token);
            return true;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return false;
        }
    }

    private (Update? Message, Task Changed) Look(UpdateAddress message)
    {
        var shelf = ShelfOf(message);
        lock (shelf)
        {
            if (message.Epoch < shelf.FirstEpoch)
                throw new InvalidOperationException($"Epoch {message.Epoch} of run {message.Run} is over.");
            var session = SessionOf(shelf, message);
            if (session.Sent is { } sent && sent.Index == message.Message) return (sent.Message, Task.CompletedTask);
            if (session.Broken is { } reason)
                throw new InvalidOperationException($"Node {message.Node} broke off: {reason}");
            if (session.Sent is { } later && later.Index > message.Message)
                throw new InvalidOperationException(
                    $"Node {message.Node} has sent message {later.Index} and no longer has message {message.Message}.");
            return (null, session.Changed.Task);
        }
    }

    private void Change(UpdateAddress address, Action<Session> change)
    {
        var shelf = ShelfOf(address);
        TaskCompletionSource changed;
        lock (shelf)
        {
            if (address.Epoch < shelf.FirstEpoch)
                throw new InvalidOperationException($"Epoch {address.Epoch} of run {address.Run} is over.");
            foreach (var old in shelf.Sessions.Keys
                .Where(k => k.Epoch == address.Epoch && k.Round < address.Round).ToList())
                shelf.Sessions.Remove(old);
            var session = SessionOf(shelf, address);
            change(session);
            (changed, session.Changed) = (session.Changed, NewSignal());
        }
        changed.SetResult();
    }

    private static Session SessionOf(Shelf shelf, UpdateAddress address)
    {
        if (address is not { Kind: UpdateKind.InExchange, Round: not null, Exchange: not null, Receiver: null })
            throw new ArgumentException($"There is no split session of {address}.", nameof(address));
        var key = address with { Message = null };
        if (!shelf.Sessions.TryGetValue(key, out var session)) shelf.Sessions[key] = session = new Session();
        return session;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a node sends in one split session: its last message, and whether there will be more.</summary>
    private sealed class Session
    {
        public (int Index, Update Message)? Sent { get; set; }

        public string? Broken { get; set; }

        public TaskCompletionSource Changed { get; set; } = NewSignal();
    }
}
