namespace Orleans.FL.Learning.Algorithms;

/// <summary>What of a node's state must outlive the rounds in which the node takes no part.</summary>
/// <remarks>
/// To keep too much costs memory and time, never a result. A node that keeps <see cref="Everything"/> takes part in
/// each round, if only by receiving. One that keeps its memory takes
/// the server's model when it trains again, and holds none meanwhile; what it trained belongs to the server as soon
/// as it is sent.
/// </remarks>
public sealed class PersistentState
{
    private readonly HashSet<string> _forgotten;

    private PersistentState(bool hasModel, params string[] forgotten) =>
        (HasModel, _forgotten) = (hasModel, [.. forgotten]);

    /// <summary>Model and memory: each node has a model of its own, or must receive in every round.</summary>
    public static PersistentState Everything { get; } = new(hasModel: true);

    /// <summary>The whole memory; the server's model takes the place of the node's own.</summary>
    public static PersistentState Memory { get; } = new(hasModel: false);

    /// <summary>Whether the node's model is part of it.</summary>
    public bool HasModel { get; }

    /// <summary>The memory without some vectors, which are made anew before they are used again.</summary>
    /// <param name="names">Their names in <see cref="Learner.Memory"/>.</param>
    public static PersistentState MemoryWithout(params string[] names) => new(hasModel: false, names);

    /// <summary>Whether a vector of the memory is part of it.</summary>
    /// <param name="name">Its name.</param>
    public bool Holds(string name) => !_forgotten.Contains(name);
}
