using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Disturbances;

/// <summary>What goes wrong around nodes.</summary>
/// <remarks>
/// Stateless, and pure: each silo works it out for itself, in any order of rounds, and must get the same.
/// </remarks>
public abstract class Disturbance
{
    /// <summary>
    /// Whether a node is away in a round: it neither trains nor sends nor receives, and is absent in the record.
    /// Not asked for the server.
    /// </summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="node">Randomness of the node.</param>
    public abstract bool IsAway(int round, NodeStreams node);
}

/// <summary>Randomness of one node in one disturbance.</summary>
/// <param name="seeds">The run's randomness.</param>
/// <param name="purpose">What the numbers are for.</param>
/// <param name="node">Rank of the node.</param>
public sealed class NodeStreams(Seeds seeds, string purpose, int node)
{
    /// <summary>Rank of the node.</summary>
    public int Node => node;

    /// <summary>Random numbers that all rounds share, from their beginning.</summary>
    public RandomStream OfRun() => seeds.Stream(purpose, node);

    /// <summary>Random numbers of one round.</summary>
    /// <param name="round">Round, from 0.</param>
    public RandomStream OfRound(int round) => seeds.Stream(purpose, node, round);
}
