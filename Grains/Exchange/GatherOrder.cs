using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>From whom a node receives in one exchange.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Exchange">Exchange of the round, from 0.</param>
/// <param name="Row">From whom it receives, with which weight; ascending by rank.</param>
/// <param name="Me">Rank of the receiver.</param>
/// <param name="Own">What the receiver itself sends; null if it is not in the row.</param>
/// <param name="Format">What each update must be.</param>
/// <param name="AggregatesBySums">Whether means are all that is wanted, so that sums may be merged on the way.</param>
/// <param name="Streaming">Silos, by name, that may have summed what their nodes send as they ended
/// (<see cref="RunningSums"/>).</param>
public sealed record GatherOrder(
    string Run, long Epoch, int Round, int Exchange, IReadOnlyList<(int Node, double Weight)> Row, int Me, Update? Own,
    UpdateFormat Format, bool AggregatesBySums, IReadOnlyDictionary<string, int> Streaming)
{
    /// <summary>Bytes of what the other nodes send, as if each update had travelled.</summary>
    public long SentBytes => Row.Count(r => r.Node != Me) * Format.Bytes;

    /// <summary>Address of what a node sends in the exchange.</summary>
    /// <param name="node">Rank of the node.</param>
    public UpdateAddress AddressOf(int node) => UpdateAddress.InExchange(Run, Epoch, node, Round, Exchange);
}
