using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Runs.State;

/// <summary>
/// Which version of its state each node is in: what its next step begins with, and what a checkpoint holds.
/// </summary>
internal sealed class NodeVersions
{
    private readonly Dictionary<int, StateVersion> _awake = []; // of nodes that take part in rounds
    private readonly Dictionary<int, StateVersion> _idle = []; // of idle nodes, if they hold a state
    private readonly HashSet<int> _unsaved = [];

    /// <summary>Nodes that take part in rounds.</summary>
    public IReadOnlyCollection<int> Awake => _awake.Keys;

    /// <summary>Nodes whose state may have changed since the last checkpoint.</summary>
    public IReadOnlyCollection<int> Unsaved => _unsaved;

    /// <summary>The version that a node which takes part is in.</summary>
    /// <param name="node">Its rank.</param>
    public StateVersion this[int node]
    {
        get => _awake[node];
        set => _awake[node] = value;
    }

    /// <summary>Whether a node takes part in rounds.</summary>
    /// <param name="node">Its rank.</param>
    public bool IsAwake(int node) => _awake.ContainsKey(node);

    /// <summary>Whether a node holds a state, awake or idle.</summary>
    /// <param name="node">Its rank.</param>
    public bool Holds(int node) => _awake.ContainsKey(node) || _idle.ContainsKey(node);

    /// <summary>The version of the state that a node holds, awake or idle.</summary>
    /// <param name="node">Its rank.</param>
    public StateVersion Of(int node) => _awake.TryGetValue(node, out var at) ? at : _idle[node];

    /// <summary>The version of the state that an idle node holds; null if it holds none.</summary>
    /// <param name="node">Its rank.</param>
    public StateVersion? WhenIdle(int node) => _idle.TryGetValue(node, out var held) ? held : null;

    /// <summary>Nodes have taken their seats; nobody else takes part.</summary>
    /// <param name="nodes">Their ranks.</param>
    /// <param name="rounds">Rounds done.</param>
    public void Seat(IEnumerable<int> nodes, int rounds)
    {
        _awake.Clear();
        foreach (var node in nodes) _awake[node] = new StateVersion(rounds, 0);
    }

    /// <summary>The states after a number of rounds count, whatever was done since.</summary>
    /// <param name="rounds">Rounds done.</param>
    public void CutTo(int rounds)
    {
        foreach (var node in _awake.Keys.ToList()) _awake[node] = new StateVersion(rounds, 0);
    }

    /// <summary>A round has ended: what those who took part hold is not in a checkpoint.</summary>
    public void EndRound() => _unsaved.UnionWith(_awake.Keys);

    /// <summary>A silo has named the states of nodes as those after the rounds done.</summary>
    /// <param name="nodes">Their ranks.</param>
    /// <param name="blank">Those among them that hold nothing from now on.</param>
    /// <param name="rounds">Rounds done.</param>
    /// <param name="isIdle">Whether a node is idle from now on.</param>
    public void Settle(int[] nodes, int[] blank, int rounds, Func<int, bool> isIdle)
    {
        foreach (var node in nodes)
        {
            _awake.Remove(node);
            (isIdle(node) ? _idle : _awake)[node] = new StateVersion(rounds, 0);
        }
        foreach (var node in blank) _idle.Remove(node);
    }

    /// <summary>All states are in a checkpoint.</summary>
    public void AllSaved() => _unsaved.Clear();

    /// <summary>A node holds nothing.</summary>
    /// <param name="node">Its rank.</param>
    public void Forget(int node) => _idle.Remove(node);

    /// <summary>The states are those of a checkpoint.</summary>
    public void GoBack()
    {
        _idle.Clear();
        _unsaved.Clear();
    }
}
