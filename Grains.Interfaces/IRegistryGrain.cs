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
    /// <returns>The run, or every fault found.</returns>
    [Alias("Register"), AlwaysInterleave, ResponseTimeout("00:10:00")]
    Task<Registration> Register(string experiment, string? run);

    /// <summary>All runs that the registry knows, the newest first.</summary>
    [Alias("List"), AlwaysInterleave]
    Task<RunStatus[]> List();

    /// <summary>One run; null if there is none of this id.</summary>
    /// <param name="run">Run id.</param>
    [Alias("Find"), AlwaysInterleave]
    Task<RunStatus?> Find(string run);

    /// <summary>Gives each identity its rank: an identity that asks again gets the rank it has.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="identities">Stable names of nodes.</param>
    /// <returns>One seat an identity, in the order asked.</returns>
    [Alias("Seat"), AlwaysInterleave]
    Task<Seat[]> Seat(string run, string[] identities);

    /// <summary>Keeps the published peer list of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="seats">Seats of the nodes that are present.</param>
    [Alias("Publish"), AlwaysInterleave]
    Task Publish(string run, Seat[] seats);

    /// <summary>The published peer list of a run; empty before its nodes are seated.</summary>
    /// <param name="run">Run id.</param>
    [Alias("Peers"), AlwaysInterleave]
    Task<Seat[]> Peers(string run);

    /// <summary>Takes note of how a run stands.</summary>
    /// <param name="status">The run's status.</param>
    [Alias("Report"), AlwaysInterleave]
    Task Report(RunStatus status);
}
