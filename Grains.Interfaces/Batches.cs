namespace Orleans.FL.Grains.Interfaces;

/// <summary>What the nodes of an order are to do.</summary>
public enum NodeStep
{
    /// <summary>Train for one round: <see cref="INodeGrain.Train"/>.</summary>
    Train,

    /// <summary>Receive from the peers in one exchange: <see cref="INodeGrain.Combine"/>.</summary>
    Combine,

    /// <summary>Test: <see cref="INodeGrain.Evaluate"/>.</summary>
    Evaluate,

    /// <summary>Receive the server's model before the round: <see cref="INodeGrain.CatchUp"/>.</summary>
    CatchUp,
}

/// <summary>A step that many nodes of a silo are to take.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Step">The step.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Exchange">Exchange of the round, from 0, for <see cref="NodeStep.Combine"/>.</param>
/// <param name="Absent">Ranks of nodes whose updates are not received.</param>
/// <param name="Nodes">Ranks of nodes of the silo.</param>
/// <param name="From">For each of them the version of the state that it begins with.</param>
[GenerateSerializer, Immutable, Alias("fl.batch-order")]
public sealed record BatchOrder([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] NodeStep Step, [property: Id(3)] int Round, [property: Id(4)] int Exchange,
    [property: Id(5)] int[] Absent, [property: Id(6)] int[] Nodes, [property: Id(7)] StateVersion[] From);

/// <summary>Seats that nodes of a silo are to take.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Joins">One order a node, all of one epoch.</param>
[GenerateSerializer, Immutable, Alias("fl.seats-order")]
public sealed record SeatsOrder(
    [property: Id(0)] string Run, [property: Id(1)] int Rounds, [property: Id(2)] JoinOrder[] Joins);

/// <summary>
/// Results so far of an order for many nodes. A node in neither list is still at work; the order, repeated for those,
/// waits on.
/// </summary>
/// <typeparam name="T">What one node answers.</typeparam>
/// <param name="Nodes">Ranks of nodes that are done.</param>
/// <param name="Answers">What each of them answers.</param>
/// <param name="Failures">Nodes that cannot do it.</param>
[GenerateSerializer, Immutable, Alias("fl.batch-answer`1")]
public sealed record BatchAnswer<T>(
    [property: Id(0)] int[] Nodes, [property: Id(1)] T[] Answers, [property: Id(2)] NodeFailure[] Failures);

/// <summary>Why a node cannot carry out its order.</summary>
/// <param name="Node">Its rank.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Lost">Whether what it held, or a silo, is gone, so that the seats must be taken anew.</param>
[GenerateSerializer, Immutable, Alias("fl.node-failure")]
public sealed record NodeFailure(
    [property: Id(0)] int Node, [property: Id(1)] string Reason, [property: Id(2)] bool Lost);
