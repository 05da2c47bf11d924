namespace Orleans.FL.Grains.Interfaces;

/// <summary>Which values of published vectors to read: the same ones of several nodes.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch that the vectors were published in.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Exchange">Exchange of the round, from 0.</param>
/// <param name="Nodes">Ranks of nodes on the silo that is asked.</param>
/// <param name="Part">Index of the vector within the updates; 0 is the weights.</param>
/// <param name="Length">Number of values that each vector must have.</param>
/// <param name="Start">First value wanted.</param>
/// <param name="Count">Number of values wanted of each node; of all nodes at most <see cref="MaxValues"/>.</param>
[GenerateSerializer, Immutable, Alias("fl.block-request")]
public sealed record BlockRequest([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] int Round, [property: Id(3)] int Exchange, [property: Id(4)] int[] Nodes,
    [property: Id(5)] int Part, [property: Id(6)] int Length, [property: Id(7)] int Start, [property: Id(8)] int Count)
{
    /// <summary>The most values that an answer may carry: 256 KiB of float32.</summary>
    public const int MaxValues = 1 << 16;
}

/// <summary>
/// Which block of values of a row's updates a silo is to aggregate. The same request always gives the same values.
/// </summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch that the updates were published in.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Exchange">Exchange of the round, from 0.</param>
/// <param name="Receiver">Rank of the receiver.</param>
/// <param name="Nodes">Ranks of the row's senders, ascending.</param>
/// <param name="Part">Index of the vector within the updates; 0 is the weights.</param>
/// <param name="Start">First value of the block.</param>
/// <param name="Count">Number of its values, at most <see cref="BlockRequest.MaxValues"/>.</param>
/// <param name="Offset">First byte wanted of the answer.</param>
[GenerateSerializer, Immutable, Alias("fl.aggregate-request")]
public sealed record AggregateRequest([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] int Round, [property: Id(3)] int Exchange, [property: Id(4)] int Receiver,
    [property: Id(5)] int[] Nodes, [property: Id(6)] int Part, [property: Id(7)] int Start, [property: Id(8)] int Count,
    [property: Id(9)] long Offset);
