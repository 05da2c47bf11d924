using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Learning.Paces;

/// <summary>Who waits for whom, and by which clock.</summary>
public abstract class Pace
{
    /// <summary>Name of <see cref="LockstepPace"/>.</summary>
    public const string Lockstep = "lockstep";

    /// <summary>Name of <see cref="VirtualPace"/>.</summary>
    public const string Virtual = "virtual";

    /// <summary>Name of <see cref="FreePace"/>.</summary>
    public const string Free = "free";

    /// <summary>How long things take at each node, for one schedule; null where only the wall clock counts.</summary>
    /// <param name="seeds">The run's randomness.</param>
    public virtual NodeClocks? Clocks(Seeds seeds) => null;
}
