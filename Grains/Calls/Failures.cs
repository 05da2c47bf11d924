using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.Runtime.Messaging;

namespace Orleans.FL.Grains.Calls;

/// <summary>What failed calls mean.</summary>
internal static class Failures
{
    /// <summary>
    /// Whether a call failed because a silo or what a node held is gone, rather than for the node's own reasons.
    /// </summary>
    public static bool IsLoss(Exception e) =>
        e is SiloUnavailableException or SiloGoneException or OrleansMessageRejectionException
            or ConnectionFailedException or StateLostException or EpochException;

    /// <summary>The first line of an exception: libtorch puts a native stack trace below it.</summary>
    public static string Sentence(Exception e) => e.Message.Split('\n', 2)[0].Trim();
}
