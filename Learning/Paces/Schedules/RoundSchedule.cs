using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Clocks;

namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>
/// What happens when, round by round: in simulated time a function of experiment and seed alone. Thread-safe.
/// </summary>
public abstract class RoundSchedule
{
    private readonly List<ScheduledRound> _rounds = [];
    private readonly Lock _gate = new();

    /// <summary>What happens in a round.</summary>
    /// <param name="round">Round, from 0; those before it are worked out first.</param>
    public virtual ScheduledRound Of(int round)
    {
        lock (_gate)
        {
            while (_rounds.Count <= round) _rounds.Add(Next(_rounds.Count));
            return _rounds[round];
        }
    }

    /// <summary>Works out a round; asked for each once, in order.</summary>
    /// <param name="round">Round, from 0.</param>
    protected abstract ScheduledRound Next(int round);
}

/// <summary>The nodes as a schedule sees them.</summary>
/// <param name="Clocks">How long things take.</param>
/// <param name="Ranks">Ranks of the members, ascending.</param>
/// <param name="Server">Rank of the server; null where the topology has none.</param>
/// <param name="Rounds">Rounds of the run.</param>
/// <param name="Seeds">The run's randomness.</param>
public sealed record ScheduledNodes(NodeClocks Clocks, IReadOnlyList<int> Ranks, int? Server, int Rounds, Seeds Seeds)
{
    /// <summary>Samples that a node's training goes over, counted once an epoch; 0 for a node that has none.</summary>
    public required Func<int, long> Samples { get; init; }

    /// <summary>Bytes of what a node (first) receives from one other in an exchange (second).</summary>
    public required Func<int, int, long> Bytes { get; init; }

    /// <summary>Ranks of those that receive from a node.</summary>
    public required Func<int, IReadOnlyList<int>> Receivers { get; init; }

    /// <summary>Seconds of a node's training.</summary>
    /// <param name="node">Rank of the node.</param>
    public double Training(int node) => Clocks.Training(node, Samples(node));

    /// <summary>Seconds that a transfer takes at a node's end; none at the server's.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="bytes">Bytes that go over its link.</param>
    public double Transfer(int node, long bytes) => node == Server ? 0 : Clocks.Transfer(node, bytes);

    /// <summary>The first moment from a time on at which the node is there; a server always is.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="time">The time in seconds; for one node never before the last one.</param>
    public double Available(int node, double time) => node == Server ? time : Clocks.Available(node, time);
}
