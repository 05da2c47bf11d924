using Orleans.Concurrency;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>Knows the experiments of a cluster by run id and seats their nodes. One grain, off the data path.</summary>
/// <remarks>All calls interleave: a registration that loads data holds nobody up.</remarks>
[Alias("fl.registry")]
public interface IRegistryGrain : IGrainWithStringKey
{
    /// <summary>Key of the one registry of a cluster.</summary>
    const string Key = "registry";

    /// <summary>Checks an experiment, gives it a run id and reserves its folder; nothing starts yet.</summary>
    /// <param name="experiment">The experiment file as canonical JSON.</param>
    /// <param name="run">Run id that the user wants; null lets the registry choose one.</param>
    /// <returns>The run, or every error found.</returns>
    [ForClients, Alias("Register"), AlwaysInterleave, ResponseTimeout("00:10:00")]
    Task<Registration> Register(string experiment, string? run);

    /// <summary>All runs that the registry knows, the newest first.</summary>
    [ForClients, Alias("List"), AlwaysInterleave]
    Task<RunStatus[]> List();

    /// <summary>One run; null if there is none of this id.</summary>
    /// <param name="run">Run id.</param>
    [ForClients, Alias("Find"), AlwaysInterleave]
    Task<RunStatus?> Find(string run);

    /// <summary>Gives each identity its rank: an identity that asks again gets the rank it has.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="identities">Stable names of nodes.</param>
    /// <returns>One seat an identity, in the order asked.</returns>
    [Alias("Seat"), AlwaysInterleave]
    Task<Seat[]> Seat(string run, string[] identities);

    /// <summary>Keeps the published member list of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="members">The members that are present, with their version.</param>
    [Alias("Publish"), AlwaysInterleave]
    Task Publish(string run, MemberList members);

    /// <summary>The published member list of a run; null before its nodes are seated.</summary>
    /// <param name="run">Run id.</param>
    [Alias("Peers"), AlwaysInterleave]
    Task<MemberList?> Peers(string run);

    /// <summary>Wakes all runs that are not over; called when silos start and when they are lost.</summary>
    [Alias("Revive"), AlwaysInterleave]
    Task Revive();

    /// <summary>
    /// The silos of the cluster: what they have and how busy they are; one that does not answer is left out.
    /// </summary>
    [ForClients, Alias("Silos"), AlwaysInterleave]
    Task<SiloReport[]> Silos();

    /// <summary>Informs all runs that a silo is about to stop.</summary>
    /// <param name="silo">Name of the silo.</param>
    [Alias("SiloLeaves"), AlwaysInterleave]
    Task SiloLeaves(string silo);

    /// <summary>Takes note of how a run stands.</summary>
    /// <param name="status">The run's status.</param>
    [Alias("Report"), AlwaysInterleave]
    Task Report(RunStatus status);
}

/// <summary>Who takes part in a run.</summary>
/// <param name="Version">Counts the changes of the members.</param>
/// <param name="Epoch">Epoch of the seating.</param>
/// <param name="Seats">Seats of the members that are present, in the order of their ranks.</param>
[GenerateSerializer, Immutable, Alias("fl.member-list")]
public sealed record MemberList(
    [property: Id(0)] int Version, [property: Id(1)] long Epoch, [property: Id(2)] Seat[] Seats);
