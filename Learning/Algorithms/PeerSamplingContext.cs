using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Who is there in one exchange of a round, for an algorithm that draws who receives from whom.</summary>
/// <param name="Round">Round, from 0.</param>
/// <param name="Exchange">Index of the exchange in the round.</param>
/// <param name="Ranks">Ranks of the members, ascending.</param>
/// <param name="Server">Rank of the server; the first member where the topology has none.</param>
/// <param name="Seeds">The run's randomness.</param>
public sealed record PeerSamplingContext(int Round, int Exchange, IReadOnlyList<int> Ranks, int Server, Seeds Seeds)
{
    /// <summary>Whether a member trained in the round.</summary>
    public required Func<int, bool> Trained { get; init; }

    /// <summary>Number of training samples of a member.</summary>
    public required Func<int, int> Samples { get; init; }

    /// <summary>From whom a member receives by the topology's mixing weights, with these weights; ascending, itself
    /// included.</summary>
    public required Func<int, IReadOnlyList<(int Node, double Weight)>> Mixing { get; init; }

    /// <summary>What happens in the round in simulated time; null where all wait for each other.</summary>
    public ScheduledRound? Scheduled { get; init; }

    /// <summary>Random numbers for this round.</summary>
    /// <param name="purpose">What they are for; begins with the algorithm's name.</param>
    /// <param name="node">Rank of the member whose draw it is; -1 for a draw of all.</param>
    public RandomStream Stream(string purpose, int node = -1) => Seeds.Stream(purpose, node, Round);
}

/// <summary>Who receives from whom in an exchange, as an algorithm draws it.</summary>
public sealed class MixingRows
{
    private readonly Dictionary<int, SortedDictionary<int, double>> _rows = [];
    private readonly Dictionary<int, int> _receivers = [];

    /// <summary>Lets a node receive from another one, or itself; adds to the weight if it does so already.</summary>
    /// <param name="receiver">Rank of the receiver.</param>
    /// <param name="sender">Rank of the sender.</param>
    /// <param name="weight">Weight in the mean, above 0; relative, need not sum to 1.</param>
    public void Add(int receiver, int sender, double weight = 1)
    {
        if (!(weight > 0) || !double.IsFinite(weight))
            throw new ArgumentOutOfRangeException(nameof(weight), $"A weight of {weight} cannot be received.");
        if (!_rows.TryGetValue(receiver, out var row)) _rows[receiver] = row = [];
        if (!row.TryGetValue(sender, out var before) && receiver != sender)
            _receivers[sender] = _receivers.GetValueOrDefault(sender) + 1;
        row[sender] = before + weight;
    }

    /// <summary>From whom a node receives, ascending by rank; empty if nobody.</summary>
    /// <param name="receiver">Rank of the node.</param>
    public IReadOnlyList<(int Node, double Weight)> Of(int receiver) =>
        _rows.TryGetValue(receiver, out var row) ? [.. row.Select(r => (r.Key, r.Value))] : [];

    /// <summary>How many others receive from a node.</summary>
    /// <param name="sender">Rank of the node.</param>
    public int ReceiverCount(int sender) => _receivers.GetValueOrDefault(sender);
}
