using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Plans;

/// <summary>The mixing matrices of the last few rounds, each drawn when it is first asked for. Thread-safe.</summary>
/// <param name="topology">What is drawn.</param>
/// <param name="seeds">The experiment's randomness.</param>
internal sealed class SampledMixings(Topology topology, Seeds seeds)
{
    /// <summary>Nodes are in at most two rounds at a time; a few more cost little.</summary>
    private const int Kept = 4;

    private readonly Lock _gate = new();
    private readonly List<Drawn> _drawn = [];
    private volatile Drawn? _last;

    /// <summary>The matrix of a round.</summary>
    /// <param name="members">The nodes that take part in the round.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="columns">Whether columns sum to one, not rows.</param>
    public Mixing Of(Membership members, int round, bool columns)
    {
        var nodes = members.Ranks.Length;
        var key = (members.Version, topology.MixingPhase(nodes, round), columns);
        if (_last is { } last && last.Key == key) return last.Mixing;
        lock (_gate)
        {
            var drawn = _drawn.Find(d => d.Key == key);
            if (drawn is null)
            {
                if (_drawn.Count == Kept) _drawn.RemoveAt(0);
                drawn = new Drawn(key, topology.Mix(GraphOf(members, round), seeds, round, columns));
                _drawn.Add(drawn);
            }
            _last = drawn;
            return drawn.Mixing;
        }
    }

    private Graph GraphOf(Membership members, int round)
    {
        var nodes = members.Ranks.Length;
        return topology.Phase(nodes, round) == topology.Phase(nodes, members.FromRound)
            ? members.Graph
            : topology.Draw(nodes, seeds, round);
    }

    private sealed record Drawn((int Version, int Phase, bool Columns) Key, Mixing Mixing);
}
