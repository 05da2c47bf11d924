using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Clocks;

namespace Orleans.FL.Learning.Paces;

/// <summary>Who waits for whom, and by which clock.</summary>
public abstract class Pace
{
    /// <summary>Name of <see cref="SynchronousPace"/>.</summary>
    public const string Synchronous = "synchronous";

    /// <summary>Name of <see cref="SimulatedTimePace"/>.</summary>
    public const string SimulatedTime = "simulated-time";

    /// <summary>Name of <see cref="AsynchronousPace"/>.</summary>
    public const string Asynchronous = "asynchronous";

    /// <summary>How long things take at each node, for one schedule; null where only the wall clock counts.</summary>
    /// <param name="seeds">The run's randomness.</param>
    public virtual NodeClocks? Clocks(Seeds seeds) => null;
}
