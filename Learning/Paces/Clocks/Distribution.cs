using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>How a number differs from node to node, or from one time to the next.</summary>
/// <param name="eachTime">Whether it is drawn anew each time; otherwise once for each node.</param>
public abstract class Distribution(bool eachTime)
{
    /// <summary>Whether it is drawn anew each time; otherwise once for each node.</summary>
    public bool EachTime { get; } = eachTime;

    /// <summary>Whether it may give 0 with a chance above 0.</summary>
    public virtual bool CanBeZero => false;

    /// <summary>Draws a number, 0 or above.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="stream">Random numbers of this node for this purpose.</param>
    public abstract double Draw(int node, RandomStream stream);
}

/// <summary>Options of distributions that are random.</summary>
public abstract record RandomOptions
{
    private const string Node = "node";
    private const string Time = "time";

    /// <summary>How often it is drawn.</summary>
    [Option("How often it is drawn: node = once for each node; time = anew for each training or transfer.",
        Values = [Node, Time])]
    public string Per { get; init; } = Node;

    internal bool EachTime => Per == Time;
}
