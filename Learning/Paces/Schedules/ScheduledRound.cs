using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>What happens in a round where nodes do not wait for each other, or in simulated time.</summary>
public sealed class ScheduledRound
{
    private readonly Dictionary<int, Finish> _finishes;

    /// <summary>A round.</summary>
    /// <param name="seconds">Simulated seconds from the start of the run to the end of the round; NaN where only the
    /// wall clock counts.</param>
    /// <param name="finishes">Trainings that end in it, in order of (time, rank), each of another node.</param>
    /// <param name="begun">Nodes that begin with the server's model of the end of this round, in the order in which
    /// they begin.</param>
    public ScheduledRound(double seconds, IReadOnlyList<Finish> finishes, IReadOnlyList<int> begun)
    {
        (Seconds, Finishes, Begun) = (seconds, finishes, begun);
        _finishes = finishes.ToDictionary(f => f.Node);
        // the filter saw it
        Staleness = Spread.Of(finishes.Where(f => f.Staleness is not null).Select(f => (double)f.Staleness!.Value));
    }

    /// <summary>
    /// Simulated seconds from the start of the run to the end of the round; NaN where only the wall clock counts.
    /// </summary>
    public double Seconds { get; }

    /// <summary>Trainings that end in the round, in order of (time, rank), each of another node.</summary>
    public IReadOnlyList<Finish> Finishes { get; }

    /// <summary>
    /// Nodes that begin with the server's model of the end of this round, in the order in which they begin.
    /// </summary>
    public IReadOnlyList<int> Begun { get; }

    /// <summary>Staleness of the updates of the round; NaN where nothing gets stale.</summary>
    public Spread Staleness { get; }

    /// <summary>Values of metrics that the schedule emits for the round; mostly none.</summary>
    public IReadOnlyList<MergedMetric> Metrics { get; init; } = [];

    /// <summary>Whether a training of a node ends in the round.</summary>
    /// <param name="node">Rank of the node.</param>
    public bool Trains(int node) => _finishes.ContainsKey(node);

    /// <summary>The training of a node that ends in the round; null if none does.</summary>
    /// <param name="node">Rank of the node.</param>
    public Finish? Of(int node) => _finishes.TryGetValue(node, out var finish) ? finish : null;
}

/// <summary>The end of a training.</summary>
/// <param name="Node">Rank of the node.</param>
/// <param name="Seconds">When, in simulated seconds from the start of the run; NaN where only the wall clock
/// counts.</param>
/// <param name="Staleness">Updates that the server's model has had since the node began; null where there is no such
/// model.</param>
/// <param name="Trainings">Trainings that the node had done before.</param>
public readonly record struct Finish(int Node, double Seconds, int? Staleness, int Trainings)
{
    /// <summary>Rounds that were done when it began; null where it counts as of the round that it ends in.</summary>
    public int? Began { get; init; }
}
