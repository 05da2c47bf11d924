using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Whom a node is to hear in one exchange.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Exchange">Exchange of the round, from 0.</param>
/// <param name="Row">Whom it receives from, with which weight; ascending by rank.</param>
/// <param name="Me">Rank of the receiver.</param>
/// <param name="Own">What the receiver itself tells; null if it is not in the row.</param>
/// <param name="Shape">What each update must be made of.</param>
/// <param name="AggregatesBySums">Whether means are all that is wanted, so that sums may be merged on the way.</param>
/// <param name="Summing">Silos, by name, that may have summed what their nodes tell as they ended (<see cref="RunningSums"/>).</param>
public sealed record GatherOrder(
    string Run, long Epoch, int Round, int Exchange, IReadOnlyList<(int Node, double Weight)> Row, int Me, Update? Own, UpdateShape Shape,
    bool AggregatesBySums, IReadOnlyDictionary<string, int> Summing);
