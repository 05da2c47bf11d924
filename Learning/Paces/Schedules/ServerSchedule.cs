using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>A server that waits for so many updates and no more: a round is one new model of the server.</summary>
/// <remarks>
/// A node takes the server's model over, trains, and sends its update; its place is given at once to an idle node,
/// drawn among those that are there first. A node gives each model at most one update: a node that has given one is
/// idle until the next model is there, so that a fast node does not fill a buffer with trainings from the same model.
/// After the last round all receive the model, and what is under way is given up.
/// </remarks>
internal sealed class ServerSchedule : RoundSchedule
{
    private const int Gather = 0, Spread = 1;

    private readonly ScheduledNodes _nodes;
    private readonly int _updates;
    // a node without a model waits to begin
    private readonly PriorityQueue<(int Node, int? Model), (double Seconds, int Node)> _events = new();
    private readonly SortedSet<int> _resting;
    private readonly HashSet<int> _given = [];
    private readonly Dictionary<int, int> _trainings;
    private readonly RandomStream _choice;
    private int _places;
    private double _now;
    private Model? _model;

    /// <summary>The schedule of a server.</summary>
    /// <param name="nodes">The nodes; those without samples never train.</param>
    /// <param name="updates">Updates that make a new model; at most one of each node.</param>
    /// <param name="concurrency">Nodes that train at the same time; 0 for all.</param>
    public ServerSchedule(ScheduledNodes nodes, int updates, int concurrency)
    {
        _nodes = nodes;
        _resting = [.. nodes.Ranks.Where(n => nodes.Samples(n) > 0)];
        _trainings = _resting.ToDictionary(n => n, _ => 0);
        _updates = Math.Min(updates, _resting.Count);
        _places = concurrency == 0 ? _resting.Count : Math.Min(concurrency, _resting.Count);
        _choice = nodes.Seeds.Stream("pace/next");
    }

    /// <inheritdoc/>
    protected override ScheduledRound Next(int round)
    {
        var ended = _model ?? Play(0);
        if (round + 1 == _nodes.Rounds) return new ScheduledRound(ended.Seconds, ended.Finishes, _nodes.Ranks);
        _model = Play(round + 1); // who begins with a model is known when the next one is there
        return new ScheduledRound(ended.Seconds, ended.Finishes, _model.Begun);
    }

    /// <summary>Goes on from a model of the server to the next one.</summary>
    private Model Play(int model)
    {
        var (finishes, begun) = (new List<Finish>(), new List<int>());
        _given.Clear();
        while (finishes.Count < _updates)
        {
            Fill(model, begun);
            _events.TryDequeue(out var happens, out var at);
            _now = at.Seconds;
            if (happens.Model is not { } from)
            {
                Begin(happens.Node, model, begun);
                continue;
            }
            finishes.Add(new Finish(happens.Node, _now, model - from, _trainings[happens.Node]++));
            _given.Add(happens.Node);
            _resting.Add(happens.Node);
            _places++;
        }
        return new Model(_now, finishes, begun);
    }

    private void Fill(int model, List<int> begun)
    {
        while (_places > 0 && _resting.Where(n => !_given.Contains(n)).ToList() is { Count: > 0 } free)
            foreach (var node in free.Count <= _places ? free : [Choose(free)])
            {
                _resting.Remove(node);
                _places--;
                if (_nodes.Available(node, _now) is var start && start > _now)
                    _events.Enqueue((node, null), (start, node));
                else Begin(node, model, begun);
            }
    }

    /// <summary>One of those that are there first.</summary>
    private int Choose(List<int> free)
    {
        var starts = free.ConvertAll(n => _nodes.Available(n, _now));
        var first = starts.Min();
        var there = free.Where((_, i) => starts[i] == first).ToList();
        return there[_choice.NextInt(there.Count)];
    }

    private void Begin(int node, int model, List<int> begun)
    {
        begun.Add(node);
        var trained = _now + _nodes.Transfer(node, _nodes.Bytes(node, Spread)) + _nodes.Training(node);
        var sent = trained + _nodes.Transfer(node, _nodes.Bytes(node, Gather));
        _events.Enqueue((node, model), (_nodes.Available(node, sent), node));
    }

    /// <summary>What led from one model of the server to the next.</summary>
    private sealed record Model(double Seconds, List<Finish> Finishes, List<int> Begun);
}
