using Orleans.Configuration;

namespace Orleans.FL.Silo.Clustering;

/// <summary>How soon a dead silo is noticed: all of these in one place, since they only make sense together.</summary>
public static class MembershipTimings
{
    /// <summary>Time that a silo has to answer a probe, seconds of wall clock.</summary>
    public static TimeSpan ProbeTimeout { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes in a row that may go unanswered before a silo is suspected.</summary>
    public const int MissedProbes = 3;

    /// <summary>How often a silo reads the list of silos if no silo reports a change.</summary>
    public static TimeSpan TableRefresh { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a silo writes that it lives; a restart of all waits three times this for those that died.
    /// </summary>
    public static TimeSpan AliveEvery { get; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a client asks which gateways there are.</summary>
    public static TimeSpan GatewayRefresh { get; } = TimeSpan.FromSeconds(5);

    internal static void Apply(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = ProbeTimeout;
        options.NumMissedProbesLimit = MissedProbes;
        options.TableRefreshTimeout = TableRefresh;
        options.IAmAliveTablePublishTimeout = AliveEvery;
    }
}
