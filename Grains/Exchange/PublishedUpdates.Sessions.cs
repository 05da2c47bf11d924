using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>What the nodes of this silo say in split sessions.</summary>
/// <remarks>
/// Messages are said strictly in turns, so a side that says one has heard the answer to that before, which is let go then. A message names its epoch: what was
/// said in a round that was given up is not heard in it when it is done again.
/// </remarks>
public sealed partial class PublishedUpdates
{
    /// <summary>Says a message.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node that says it.</param>
    /// <param name="place">Epoch, round, exchange and place of the message.</param>
    /// <param name="message">The message.</param>
    /// <exception cref="InvalidOperationException"><see cref="ForgetOlder"/> ended the epoch.</exception>
    public void Say(string run, int node, ReadRequest place, ParameterVector message) => Change(run, node, place, session => session.Said = (place.Message, new Update(message)));

    /// <summary>Ends a split session before its time: who waits for a message of the node hears why there is none.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node that ends it.</param>
    /// <param name="place">Epoch, round and exchange.</param>
    /// <param name="reason">Why, in a sentence.</param>
    public void BreakOff(string run, int node, ReadRequest place, string reason)
    {
        try
        {
            Change(run, node, place, session => session.Broken = reason);
        }
        catch (InvalidOperationException)
        {
            // The epoch is over, and whoever waited in it with it.
        }
    }

    /// <summary>A message of a node of this silo, when it has said it.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="place">Which message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">It broke the split session off, or said a later message already.</exception>
    public async Task<ParameterVector> Said(string run, int node, ReadRequest place, CancellationToken cancellation)
    {
        while (true)
        {
            var (message, changed) = Look(run, node, place);
            if (message is not null) return message.Weights;
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Waits until a node of this silo has said a message.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="place">Which message.</param>
    /// <param name="longest">Waits so long at most.</param>
    /// <returns>False if it has not said it yet.</returns>
    /// <exception cref="InvalidOperationException">It broke the split session off, or said a later message already.</exception>
    public async Task<bool> HasPrinted(string run, int node, ReadRequest place, TimeSpan longest)
    {
        using var over = new CancellationTokenSource(longest, time);
        try
        {
            await Said(run, node, place, over.Token);
            return true;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return false;
        }
    }

    private Update? Find(string run, int node, ReadRequest request) => request.Message == ReadRequest.None
        ? Find(run, request.Epoch, node, request.Round, request.Exchange)
        : Look(run, node, request).Message;

    private (Update? Message, Task Changed) Look(string run, int node, ReadRequest place)
    {
        var shelf = _shelves.GetOrAdd((run, node), _ => new Shelf());
        lock (shelf)
        {
            if (place.Epoch < shelf.FirstEpoch) throw new InvalidOperationException($"Epoch {place.Epoch} of run {run} is over.");
            var session = SessionOf(shelf, place);
            if (session.Said is { } said && said.Index == place.Message) return (said.Message, Task.CompletedTask);
            if (session.Broken is { } reason) throw new InvalidOperationException($"Node {node} broke off: {reason}");
            if (session.Said is { } later && later.Index > place.Message)
                throw new InvalidOperationException($"Node {node} has said message {later.Index} and no longer has message {place.Message}.");
            return (null, session.Changed.Task);
        }
    }

    private void Change(string run, int node, ReadRequest place, Action<Session> change)
    {
        var shelf = _shelves.GetOrAdd((run, node), _ => new Shelf());
        TaskCompletionSource changed;
        lock (shelf)
        {
            if (place.Epoch < shelf.FirstEpoch) throw new InvalidOperationException($"Epoch {place.Epoch} of run {run} is over.");
            foreach (var old in shelf.Sessions.Keys.Where(k => k.Epoch == place.Epoch && k.Round < place.Round).ToList()) shelf.Sessions.Remove(old);
            var session = SessionOf(shelf, place);
            change(session);
            (changed, session.Changed) = (session.Changed, NewSignal());
        }
        changed.SetResult();
    }

    private static Session SessionOf(Shelf shelf, ReadRequest place)
    {
        var key = (place.Epoch, place.Round, place.Exchange);
        if (!shelf.Sessions.TryGetValue(key, out var session)) shelf.Sessions[key] = session = new Session();
        return session;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a node says in one split session: its last message, and whether there will be more.</summary>
    private sealed class Session
    {
        public (int Index, Update Message)? Said { get; set; }

        public string? Broken { get; set; }

        public TaskCompletionSource Changed { get; set; } = NewSignal();
    }
}
