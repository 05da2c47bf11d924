using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>What the nodes of this silo have published: peers on the silo take it by reference, others read it in chunks.</summary>
/// <remarks>Immutable by (node, round, exchange); a node's earlier rounds go when it publishes a later one.</remarks>
public sealed class PublishedUpdates
{
    private readonly ConcurrentDictionary<(string Run, int Node), Shelf> _shelves = [];

    /// <summary>Publishes what a node tells in one exchange.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, or one of the marks of <see cref="ReadRequest"/>.</param>
    /// <param name="exchange">Index of the exchange.</param>
    /// <param name="update">What it tells.</param>
    public void Publish(string run, int node, int round, int exchange, Update update)
    {
        var shelf = _shelves.GetOrAdd((run, node), _ => new Shelf());
        lock (shelf)
        {
            shelf.Versions[(round, exchange)] = update;
            var kept = shelf.Versions.Keys.Where(k => k.Round == ReadRequest.After && k.Exchange < exchange)
                .Select(k => k.Exchange).DefaultIfEmpty(-1).Max();
            // A round that is being recorded may still be asked for the weights after the round before it.
            foreach (var old in shelf.Versions.Keys.Where(k =>
                (round >= 0 && k.Round >= 0 && k.Round < round)
                || (round == ReadRequest.After && k.Round == round && k.Exchange < kept)).ToList())
                shelf.Versions.Remove(old);
        }
    }

    /// <summary>What a node of this silo published; null if it is not here.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, or one of the marks of <see cref="ReadRequest"/>.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public Update? Find(string run, int node, int round, int exchange)
    {
        if (!_shelves.TryGetValue((run, node), out var shelf)) return null;
        lock (shelf)
        {
            if (round != ReadRequest.After) return shelf.Versions.GetValueOrDefault((round, exchange));
            // A node that took no part in the last rounds has the weights of an earlier one.
            var latest = shelf.Versions.Keys.Where(k => k.Round == round && k.Exchange <= exchange).DefaultIfEmpty((0, -1)).Max(k => k.Item2);
            return latest < 0 ? null : shelf.Versions[(round, latest)];
        }
    }

    /// <summary>Forgets all that a node published.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    public void Forget(string run, int node) => _shelves.TryRemove((run, node), out _);

    private sealed class Shelf
    {
        public Dictionary<(int Round, int Exchange), Update> Versions { get; } = [];
    }
}
