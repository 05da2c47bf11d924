using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.UpdatePaths;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>What a node sends, and how what it receives comes to its algorithm.</summary>
public sealed partial class Learner
{
    /// <summary>What the node sends in an exchange, as others receive it: filtered, falsified if it attacks, and
    /// encoded.</summary>
    /// <param name="exchange">Index of the exchange in the round.</param>
    /// <param name="forOtherSilos">Whether the update must hold the codec's bytes, for readers on other silos.</param>
    /// <exception cref="RefusedUpdateException">Every receiver would refuse it.</exception>
    public Update Compose(int exchange, bool forOtherSilos = false) => Composing(exchange, () =>
    {
        var (composed, context) = Composed(exchange);
        // The limit is that of training: what passes it can be summed, weighed by the number of samples.
        var sent = context is null ? composed : _plan.Path.Send(composed, context, _plan.ShapeOf(Index, exchange),
            (float)(1 << 29) / Math.Max(1, Samples), Attacks(context.Round));
        return Coded(sent, exchange, forOtherSilos);
    });

    /// <summary>The node's own part of its mean: what it would send if it did not attack.</summary>
    /// <param name="exchange">Index of the exchange in the round.</param>
    public Update ComposeOwn(int exchange) => Unrecorded(() =>
    {
        var (composed, context) = Composed(exchange);
        return Coded(context is null ? composed : _plan.Path.Filter(composed, context), exchange, false);
    });

    /// <summary>What the node sends from an exchange on, until it receives something.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the first exchange.</param>
    /// <param name="forOtherSilos">Whether the updates must hold the codec's bytes, for readers on other silos.</param>
    /// <returns>Exchanges, what it sends in each, its bytes on the wire, and to how many others.</returns>
    /// <exception cref="RefusedUpdateException">Every receiver would refuse it.</exception>
    public IEnumerable<(int Exchange, Update Update, long Bytes, int Receivers)> Outgoing(
        int round, int exchange, bool forOtherSilos = false)
    {
        for (var e = exchange; e < _plan.Exchanges.Count; e++)
        {
            var receivers = _plan.ReceiverCount(Index, round, e);
            if (e == exchange || receivers > 0)
                yield return (e, Compose(e, forOtherSilos), _plan.FormatOf(Index, e).Bytes, receivers);
            if (_plan.Receives(Index, round, e)) break; // what it sends next depends on what it receives
        }
    }

    /// <summary>Whether the node attacks in a round; the server never does.</summary>
    /// <param name="round">Round, from 0.</param>
    public bool Attacks(int round) => _plan.Path.Attacks(Index, round) && !IsServer;

    /// <summary>
    /// What was received, as the algorithm gets it; a broadcast is never aggregated, nor is a single update that nobody
    /// could compare with another.
    /// </summary>
    private ReceivedUpdates Aggregated(Exchange exchange, ReceivedUpdates received) =>
        _plan.Path.AggregatesBySums || exchange.Kind == ExchangeKind.Broadcast
        || (received.Count == 1 && (exchange.Kind == ExchangeKind.SampledPeers || received.Updates[0].Node == Index))
            ? received : _plan.Path.Receive(received);

    private Update Coded(Update update, int exchange, bool forOtherSilos)
    {
        if (_plan.Codec is SinglePrecision) return update;
        try
        {
            return _plan.FormatOf(Index, exchange)
                .Encode(update, Index, forOtherSilos, Stream($"codec/exchange-{exchange}"));
        }
        catch (NotSummableException e)
        {
            throw new RefusedUpdateException(e.Message); // its sender is absent, on a cluster and in a simulation
        }
    }

    /// <summary>
    /// What the algorithm composes, and what filters and attack must know of it; null where they leave it alone.
    /// </summary>
    private (Update Composed, UpdateContext? Context) Composed(int exchange)
    {
        var which = _plan.ExchangeAt(exchange);
        var (composed, content) = (_algorithm.Compose(this, which), _algorithm.Content(which));
        if (content == UpdateContent.Other || _plan.Path.IsPlain(Index, _round)) return (composed, null);
        return (composed, new UpdateContext
        {
            Node = Index,
            Round = _round,
            Exchange = exchange,
            Layout = Layout,
            Seeds = _plan.Seeds,
            Start = content == UpdateContent.Changes
                ? ParameterVector.Zeros(composed.Weights.Length)
                : SentOf(which, composed, RoundStart),
            Trainable = TrainableOf(which, composed),
            Metrics = this,
        });
    }

    /// <summary>How many of the values that it sends are trainable: they come first.</summary>
    private int TrainableOf(Exchange exchange, Update composed)
    {
        if (composed.Weights.Length == Layout.Length) return Layout.TrainableLength;
        if (Layout.TrainableLength == Layout.Length) return composed.Weights.Length;
        var ones = new float[Layout.Length];
        ones.AsSpan(0, Layout.TrainableLength).Fill(1);
        var buffer = SentOf(exchange, composed, ParameterVector.Own(ones)).Span.IndexOf(0f);
        return buffer < 0 ? composed.Weights.Length : buffer;
    }

    /// <summary>
    /// What the node would send had it other weights: these, or the part of them that its algorithm sends.
    /// </summary>
    private ParameterVector SentOf(Exchange exchange, Update composed, ParameterVector weights)
    {
        if (composed.Weights.Length == Layout.Length) return weights;
        var mine = Weights;
        Weights = weights;
        try
        {
            return Unrecorded(() => _algorithm.Compose(this, exchange).Weights);
        }
        finally
        {
            Weights = mine;
        }
    }
}
