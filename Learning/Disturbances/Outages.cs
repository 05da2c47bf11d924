using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Disturbances;

/// <summary>The nodes that are away in each round, by all disturbances of a run.</summary>
/// <param name="disturbances">The disturbances.</param>
/// <param name="seeds">The run's randomness.</param>
public sealed class Outages(IReadOnlyList<Component<Disturbance>> disturbances, Seeds seeds)
{
    private readonly Disturbance[] _disturbances = [.. disturbances.Select(d => d.Create())];

    /// <summary>Whether there are disturbances at all.</summary>
    public bool Any => _disturbances.Length > 0;

    /// <summary>Why a node is away in a round; null if it is there.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public string? ReasonOf(int node, int round)
    {
        for (var i = 0; i < _disturbances.Length; i++)
            if (_disturbances[i].IsAway(round, new NodeStreams(seeds, $"disturbances/{i}", node)))
                return $"It is away ({disturbances[i].Name}).";
        return null;
    }
}
