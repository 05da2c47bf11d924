using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>Makes rounds of the arrivals of nodes as they come, and decides which nodes train meanwhile.</summary>
/// <remarks>
/// Belongs to the coordinator of the run. It holds nothing that does not follow from the rounds made so far: after a
/// loss a new one is shown those (<see cref="Show"/>), and goes on. Not thread-safe.
/// </remarks>
/// <param name="first">Ranks of those that begin a training at the start.</param>
public abstract class LiveSchedule(IEnumerable<int> first)
{
    // and the number of rounds done when each began
    private readonly Dictionary<int, int> _training = first.ToDictionary(n => n, _ => 0);
    private readonly HashSet<int> _sent = [];
    private readonly List<int> _arrived = []; // of those that train, in order

    /// <summary>Rounds made so far.</summary>
    public int Round { get; private set; }

    /// <summary>Nodes that have arrived and are in no round yet.</summary>
    public int Arrived => _arrived.Count;

    /// <summary>Arrivals that make a round.</summary>
    public abstract int Needed { get; }

    /// <summary>Arrivals of a round at most.</summary>
    protected abstract int Most { get; }

    /// <summary>Nodes whose training is under way.</summary>
    protected int UnderWay => _training.Count - _arrived.Count;

    /// <summary>The nodes that are to begin a training now and have not been asked yet, with the number of rounds done
    /// at its beginning.</summary>
    public IReadOnlyList<(int Node, int Began)> Start() =>
        [.. _training.Where(t => _sent.Add(t.Key)).Select(t => (t.Key, t.Value))];

    /// <summary>Takes note of a node whose training has ended.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="began">Rounds done when it began; another training than the one under way does not count.</param>
    public void Arrive(int node, int began)
    {
        if (_training.TryGetValue(node, out var mine) && mine == began && !_arrived.Contains(node)) _arrived.Add(node);
    }

    /// <summary>Makes a round of those that have arrived.</summary>
    /// <returns>The nodes that arrived, with the number of rounds done when each began, in their order; and those that
    /// begin anew.</returns>
    /// <exception cref="InvalidOperationException">Too few have arrived.</exception>
    public (IReadOnlyList<(int Node, int Began)> Arrived, IReadOnlyList<int> Begun) Make()
    {
        if (Arrived < Needed)
            throw new InvalidOperationException($"{Arrived} nodes have arrived, and a round takes {Needed}.");
        var arrived = _arrived.Take(Most).Select(n => (n, _training[n])).ToList();
        End([.. arrived.Select(a => a.n)]);
        var begun = Next([.. arrived.Select(a => a.n)], _training.Keys.ToHashSet());
        foreach (var node in begun) _training[node] = Round;
        return (arrived, begun);
    }

    /// <summary>Shows a round that was made before.</summary>
    /// <param name="round">The round.</param>
    public void Show(ScheduledRound round)
    {
        int[] arrived = [.. round.Finishes.Select(f => f.Node)];
        End(arrived);
        foreach (var node in Shown(arrived, round.Begun)) _training[node] = Round;
    }

    /// <summary>The nodes that begin anew at the end of a round.</summary>
    /// <param name="arrived">Nodes of the round.</param>
    /// <param name="training">Nodes that train still, or have arrived since.</param>
    protected abstract IReadOnlyList<int> Next(IReadOnlyList<int> arrived, IReadOnlySet<int> training);

    /// <summary>The nodes that began anew at the end of a round that is shown.</summary>
    /// <param name="arrived">Nodes of the round.</param>
    /// <param name="begun">Nodes that received the server's model, to begin with it.</param>
    protected abstract IReadOnlyList<int> Shown(IReadOnlyList<int> arrived, IReadOnlyList<int> begun);

    private void End(IReadOnlyList<int> arrived)
    {
        foreach (var node in arrived)
        {
            _training.Remove(node);
            _sent.Remove(node);
            _arrived.Remove(node);
        }
        Round++;
    }
}

/// <summary>The nodes as a live schedule sees them.</summary>
/// <param name="Ranks">Ranks of the members that have a seat, ascending.</param>
/// <param name="Seeds">The run's randomness.</param>
public sealed record LiveNodes(IReadOnlyList<int> Ranks, Seeds Seeds)
{
    /// <summary>Number of a node's training samples.</summary>
    public required Func<int, int> Samples { get; init; }
}
