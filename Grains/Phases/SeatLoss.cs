using Orleans.FL.Grains.Placement;

namespace Orleans.FL.Grains.Phases;

/// <summary>Watches the silos that hold the nodes of a run, and gives up what is under way when one is gone.</summary>
/// <param name="silos">The silos.</param>
internal sealed class SeatLoss(ISiloView silos) : IDisposable
{
    /// <summary>The loss of the present seats, if it comes.</summary>
    public Loss Current { get; private set; } = new();

    /// <summary>Begins anew: seats were taken.</summary>
    /// <param name="held">The silos that hold seats now, with the addresses that they had when the seats were
    /// taken.</param>
    public void Watch(Func<IEnumerable<KeyValuePair<string, SiloAddress>>> held)
    {
        Current.Dispose();
        var loss = Current = new();
        _ = UntilLost(loss, held);
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose() => Current.Dispose();

    private async Task UntilLost(Loss loss, Func<IEnumerable<KeyValuePair<string, SiloAddress>>> held)
    {
        try
        {
            while (true)
            {
                var changed = silos.Changed;
                // Another silo of that name holds nothing of the run.
                if (held().FirstOrDefault(s => !s.Value.Equals(silos.AddressOf(s.Key))).Key is { } gone)
                {
                    if (!loss.Token.IsCancellationRequested) loss.Set($"Silo {gone} was lost.");
                    return;
                }
                await changed.WaitAsync(loss.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Seated anew, or over.
        }
    }
}

/// <summary>That the seats of an epoch are lost.</summary>
internal sealed class Loss : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private string _reason = "";

    /// <summary>Is cancelled at the loss.</summary>
    public CancellationToken Token => _lost.Token;

    /// <summary>Says that a node or a silo with nodes is lost; the first reason stays.</summary>
    /// <param name="reason">Why, in a sentence.</param>
    public void Set(string reason)
    {
        if (_reason.Length == 0) _reason = reason;
        _lost.Cancel();
    }

    /// <summary>Ends the watch, and gives up what is under way: other seats are taken.</summary>
    public void Dispose() => _lost.Cancel(); // not disposed of: calls may still look at it

    /// <summary>Gives up if the seats are lost.</summary>
    /// <exception cref="SeatsLostException">They are.</exception>
    public void ThrowIfLost()
    {
        if (Token.IsCancellationRequested) throw new SeatsLostException(_reason);
    }
}

/// <summary>Nodes are lost, or a silo with nodes.</summary>
/// <param name="message">Which, in a sentence.</param>
internal sealed class SeatsLostException(string message) : Exception(message);
