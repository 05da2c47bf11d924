namespace Orleans.FL.Grains.Interfaces;

/// <summary>
/// Which sum of published vectors to read, and from where. The same request always gives the same bytes.
/// </summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch that the vectors were published in.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Exchange">Exchange of the round, from 0.</param>
/// <param name="Nodes">Ranks of nodes on the silo that is asked.</param>
/// <param name="Weights">Their weights in the sum, in the same order.</param>
/// <param name="Part">Index of the vector within the updates; 0 is the weights.</param>
/// <param name="Offset">First byte wanted of the encoded sum.</param>
/// <param name="Length">Number of values that each vector must have.</param>
[GenerateSerializer, Immutable, Alias("fl.sum-request")]
public sealed record SumRequest([property: Id(0)] string Run, [property: Id(1)] long Epoch, [property: Id(2)] int Round,
    [property: Id(3)] int Exchange, [property: Id(4)] int[] Nodes, [property: Id(5)] double[] Weights,
    [property: Id(6)] int Part, [property: Id(7)] long Offset, [property: Id(8)] int Length);
