using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Silos;

/// <summary>The states of this silo's nodes, by version: what a step begins with and what it gives.</summary>
/// <remarks>
/// A step never changes a state, it makes another one. So the coordinator alone decides which steps count: it names the
/// version that the next step begins with, and a step that it gave up leaves no trace.
/// </remarks>
/// <param name="spill">Keeps the vectors of the states within the silo's memory.</param>
public sealed class NodeStates(VectorSpill spill)
{
    private readonly ConcurrentDictionary<(string Run, int Node), Shelf> _shelves = [];

    /// <summary>Keeps a state, and lets go of those that are not needed any more.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="version">Version of the state.</param>
    /// <param name="state">The state.</param>
    /// <param name="from">The version that it was made of; kept, too, with that at the beginning of the round.</param>
    public void Keep(string run, int node, StateVersion version, LearnerState state, StateVersion? from = null)
    {
        var shelf = _shelves.GetOrAdd((run, node), _ => new Shelf());
        spill.Hold(VectorsOf(state));
        List<LearnerState> old = [];
        lock (shelf)
        {
            if (from is { } basis)
                foreach (var other in shelf.Versions.Keys
                    .Where(v => v != basis && v != new StateVersion(version.Round, 0)).ToList())
                    if (shelf.Versions.Remove(other, out var gone)) old.Add(gone);
            if (shelf.Versions.TryGetValue(version, out var replaced)) old.Add(replaced);
            shelf.Versions[version] = state;
        }
        foreach (var gone in old) spill.Release(VectorsOf(gone));
    }

    /// <summary>A state; null if it is not here.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="version">Version of the state.</param>
    public LearnerState? Find(string run, int node, StateVersion version)
    {
        if (!_shelves.TryGetValue((run, node), out var shelf)) return null;
        lock (shelf) return shelf.Versions.GetValueOrDefault(version);
    }

    /// <summary>Gives the best weights that the node was instructed to keep; null if there are none.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    public ParameterVector? Best(string run, int node) =>
        _shelves.TryGetValue((run, node), out var shelf) ? shelf.Best : null;

    /// <summary>Keeps the best weights of a node; null forgets them.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="weights">The weights.</param>
    public void KeepBest(string run, int node, ParameterVector? weights)
    {
        var shelf = _shelves.GetOrAdd((run, node), _ => new Shelf());
        if (weights is not null) spill.Hold([weights]);
        ParameterVector? before;
        lock (shelf) (before, shelf.Best) = (shelf.Best, weights);
        if (before is not null) spill.Release([before]);
    }

    /// <summary>Lets go of a node.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    public void Forget(string run, int node)
    {
        if (!_shelves.TryRemove((run, node), out var shelf)) return;
        lock (shelf)
        {
            foreach (var state in shelf.Versions.Values) spill.Release(VectorsOf(state));
            if (shelf.Best is { } best) spill.Release([best]);
            shelf.Versions.Clear();
            shelf.Best = null;
        }
    }

    /// <summary>Lets go of all nodes of a run.</summary>
    /// <param name="run">Run id.</param>
    public void Forget(string run)
    {
        foreach (var key in _shelves.Keys.Where(k => k.Run == run)) Forget(run, key.Node);
    }

    private static IEnumerable<ParameterVector> VectorsOf(LearnerState state)
    {
        yield return state.Weights;
        yield return state.RoundStart;
        foreach (var vector in state.Memory.Values) yield return vector;
        if (state.Optimizer.First is { } first) yield return first;
        if (state.Optimizer.Second is { } second) yield return second;
    }

    private sealed class Shelf
    {
        public Dictionary<StateVersion, LearnerState> Versions { get; } = [];

        public ParameterVector? Best { get; set; }
    }
}
