using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// Sums what nodes of this silo send their server as each ends its training, on its lane and in the lane's cache:
/// memory for a sum a lane, however many nodes there are.
/// </summary>
/// <remarks>
/// A sum is closed when the server first asks for it; a node that comes later publishes what it sends. The bits are
/// those of any other way to the mean.
/// </remarks>
public sealed class RunningSums
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Running> _runs = [];

    /// <summary>Adds what a node sends in the first exchange of a round. On the lane's thread.</summary>
    /// <param name="step">Run, epoch and round.</param>
    /// <param name="lane">Number of the lane.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="weight">What its update weighs.</param>
    /// <param name="update">What it sends.</param>
    /// <param name="given">Whether nobody else holds the update's weights: they cannot be read any more then.</param>
    /// <returns>Whether it was added; false if the sum is closed, or the node is in it, and then nothing has
    /// changed.</returns>
    public bool Add(SumStep step, int lane, int node, double weight, Update update, bool given)
    {
        if (Of(step) is not { } running || running.PartOf(lane, update) is not { } part) return false;
        lock (part)
        {
            if (!running.Enter(node, weight)) return false;
            part.Add(update, weight, given);
            return true;
        }
    }

    /// <summary>Whether a node's update is in the sum.</summary>
    /// <param name="step">Run, epoch and round.</param>
    /// <param name="node">Rank of the node.</param>
    public bool Holds(SumStep step, int node)
    {
        lock (_gate)
            return _runs.GetValueOrDefault(step.Run) is { } running && running.Step == step && running.Has(node);
    }

    /// <summary>Closes the sum and gives it.</summary>
    /// <param name="step">Run, epoch and round.</param>
    /// <param name="wanted">The nodes whose updates are wanted, with their weights.</param>
    /// <returns>The sums; null if there are none.</returns>
    /// <exception cref="StateLostException">Others are in it, too.</exception>
    /// <exception cref="NotSummableException">What a node sent has diverged.</exception>
    public TakenSums? Take(SumStep step, IEnumerable<(int Node, double Weight)> wanted)
    {
        Running? running;
        lock (_gate)
            if (!_runs.TryGetValue(step.Run, out running) || running.Step != step) return null;
        return running.Close(wanted.ToDictionary(w => w.Node, w => w.Weight));
    }

    /// <summary>Lets go of a run.</summary>
    /// <param name="run">Run id.</param>
    public void Forget(string run)
    {
        lock (_gate) _runs.Remove(run);
    }

    /// <summary>
    /// What runs in a step; that of another step ends, and its memory is used again. Null for a step of the past.
    /// </summary>
    private Running? Of(SumStep step)
    {
        lock (_gate)
        {
            if (!_runs.TryGetValue(step.Run, out var running))
                return _runs[step.Run] = new Running(step, new Dictionary<int, Part>());
            if (running.Step == step) return running;
            return step.IsAfter(running.Step) ? _runs[step.Run] = new Running(step, running.Parts) : null;
        }
    }

    /// <summary>The sums of one step: a part a lane.</summary>
    private sealed class Running(SumStep step, IReadOnlyDictionary<int, Part> before)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<int, Part> _parts = [];
        private readonly Dictionary<int, double> _nodes = [];
        private readonly Lock _merging = new();
        private ExactSum[]? _merged;
        private NotSummableException? _diverged;
        private bool _closed;

        public SumStep Step => step;

        public IReadOnlyDictionary<int, Part> Parts => _parts;

        public bool Has(int node)
        {
            lock (_gate) return _nodes.ContainsKey(node);
        }

        public Part? PartOf(int lane, Update update)
        {
            lock (_gate)
            {
                if (_closed) return null;
                if (!_parts.TryGetValue(lane, out var part))
                    _parts[lane] = part = before.TryGetValue(lane, out var old) && old.Fits(update)
                        ? old.Again()
                        : new Part(update);
                return part;
            }
        }

        public bool Enter(int node, double weight)
        {
            lock (_gate) return !_closed && _nodes.TryAdd(node, weight);
        }

        public TakenSums? Close(Dictionary<int, double> wanted)
        {
            lock (_gate)
            {
                _closed = true; // a lane that is adding now holds its part until it is done
                if (_nodes.Count == 0) return null;
                foreach (var (node, weight) in _nodes)
                    if (!wanted.TryGetValue(node, out var asked) || asked != weight)
                        throw new StateLostException($"Node {node} of run {step.Run} is in a sum of round "
                            + $"{step.Round + 1} that is wanted without it.");
            }
            lock (_merging)
            {
                if (_diverged is not null) throw _diverged;
                try
                {
                    return new TakenSums(_parts.Values.First().Names, _merged ??= Merge(), _nodes.Keys.ToHashSet());
                }
                catch (NotSummableException e)
                {
                    _diverged = e;
                    throw;
                }
            }
        }

        /// <summary>One sum of all lanes' parts, in the memory of the first.</summary>
        private ExactSum[] Merge()
        {
            ExactSum[]? all = null;
            foreach (var part in _parts.Values)
                lock (part)
                {
                    var sums = part.Complete();
                    if (all is null) all = sums;
                    else
                        foreach (var (mine, other) in all.Zip(sums)) mine.Merge(other);
                }
            return all!;
        }
    }

    /// <summary>What one lane sums: the weights, and the further vectors in the order of their names.</summary>
    private sealed class Part
    {
        private readonly string[] _auxiliary;
        private readonly ExactSum[] _sums;
        private readonly StreamingSum[] _warm;
        private NotSummableException? _diverged;

        public Part(Update first)
        {
            _auxiliary = [.. first.AuxiliaryVectors.Keys.Order(StringComparer.Ordinal)];
            _sums = [new(first.Weights.Length),
                .. _auxiliary.Select(e => new ExactSum(first.AuxiliaryVectors[e].Length))];
            _warm = [.. _sums.Select(s => new StreamingSum(s))];
        }

        private Part(Part before)
        {
            (_auxiliary, _sums) = (before._auxiliary, before._sums);
            foreach (var sum in _sums) sum.Clear();
            _warm = [.. _sums.Select(s => new StreamingSum(s))];
        }

        /// <summary>Names of the vectors.</summary>
        public string[] Names => [Update.WeightsName, .. _auxiliary];

        /// <summary>A part for the next step, in the same memory.</summary>
        public Part Again() => new(this);

        public bool Fits(Update update) =>
            update.Weights.Length == _sums[0].Length && update.AuxiliaryVectors.Count == _auxiliary.Length
                && _auxiliary
                    .Select((name, i) => update.AuxiliaryVectors.TryGetValue(name, out var vector)
                        && vector.Length == _sums[i + 1].Length)
                    .All(fits => fits);

        public void Add(Update update, double weight, bool given)
        {
            if (!Fits(update)) throw new InvalidDataException("Nodes of one run send vectors of different shapes.");
            try
            {
                _warm[0].Add(update.Weights, weight, given);
                for (var i = 0; i < _auxiliary.Length; i++)
                    _warm[i + 1].Add(update.AuxiliaryVectors[_auxiliary[i]], weight, given: false);
            }
            catch (NotSummableException e)
            {
                _diverged ??= e; // the server learns of it, as it would of vectors that come one by one
            }
        }

        public ExactSum[] Complete()
        {
            if (_diverged is not null) throw _diverged;
            foreach (var sum in _warm) sum.Complete();
            return _sums;
        }
    }
}

/// <summary>Sums of what nodes sent.</summary>
/// <param name="Parts">Names of the vectors: the weights, then the rest by name.</param>
/// <param name="Sums">A sum for each.</param>
/// <param name="Nodes">Ranks of the nodes that are in them.</param>
public sealed record TakenSums(string[] Parts, ExactSum[] Sums, IReadOnlySet<int> Nodes)
{
    /// <summary>The sums as what was received.</summary>
    /// <param name="shape">What each update must be made of.</param>
    public ReceivedUpdates Received(UpdateShape shape) => ReceivedUpdates.Merged(
        PartOf(0, shape.Weights), shape.AuxiliaryVectors
        .OrderBy(e => e.Name, StringComparer.Ordinal)
        .Select((vector, i) => (vector.Name, Sum: PartOf(i + 1, vector.Length))).ToDictionary(e => e.Name, e => e.Sum));

    /// <summary>The sum of one vector.</summary>
    /// <param name="part">Its index.</param>
    /// <param name="length">How many values it must have.</param>
    public ExactSum PartOf(int part, int length) =>
        part >= 0 && part < Sums.Length && Sums[part].Length == length
            ? Sums[part]
            : throw new InvalidDataException($"Vector {part} with {length} values was asked for; "
                + $"there are {string.Join(", ", Sums.Select(s => s.Length))} values.");
}

/// <summary>The step that updates are summed in: the first exchange of a round.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Round">Round, from 0.</param>
public readonly record struct SumStep(string Run, long Epoch, int Round)
{
    /// <summary>Whether it comes later than another step of the run.</summary>
    /// <param name="other">The other.</param>
    public bool IsAfter(SumStep other) => (Epoch, Round).CompareTo((other.Epoch, other.Round)) > 0;
}
