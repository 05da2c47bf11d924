using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Tests.UpdatePaths;

/// <summary>Contexts of updates for tests.</summary>
internal static class Contexts
{
    /// <summary>An update of node 3 in round 2, whose last value is a buffer.</summary>
    /// <param name="start">What the node would send had it learned nothing.</param>
    /// <param name="node">Rank of the sender.</param>
    public static UpdateContext Of(float[] start, int node = 3) => new()
    {
        Node = node,
        Round = 2,
        Exchange = 0,
        Start = ParameterVector.Own(start),
        Trainable = start.Length - 1,
        Layout = new([new("w", [start.Length - 1], 0, true), new("mean", [1], start.Length - 1, false)]),
        Seeds = new Seeds(1),
    };
}
