using Orleans.Concurrency;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>One run: starts it, paces its rounds, keeps its record. The key is the run id.</summary>
[Alias("fl.experiment")]
public interface IExperimentGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes the experiment: checks it, loads its data, makes the run's folder; called by the registry.
    /// </summary>
    /// <param name="experiment">The experiment file as canonical JSON.</param>
    /// <returns>The run, or every error found.</returns>
    [Alias("Prepare"), ResponseTimeout("00:10:00")]
    Task<Registration> Prepare(string experiment);

    /// <summary>
    /// Starts the run; when it is answered, the run goes on whatever is lost. Starting it again changes nothing.
    /// </summary>
    [ForClients, Alias("Start")]
    Task<RunStatus> Start();

    /// <summary>Holds the run at the end of the round that it is in.</summary>
    [ForClients, Alias("Pause"), AlwaysInterleave]
    Task<RunStatus> Pause();

    /// <summary>
    /// Goes on after <see cref="Pause"/>, or from the last checkpoint of a run that was stopped or failed; when it is
    /// answered, the run goes on whatever is lost.
    /// </summary>
    [ForClients, Alias("Resume"), AlwaysInterleave]
    Task<RunStatus> Resume();

    /// <summary>
    /// Takes a run that was started up again if nobody works on it: after the loss of its silo, or of all silos.
    /// </summary>
    [Alias("Wake"), AlwaysInterleave]
    Task<RunStatus> Wake();

    /// <summary>Informs the run that a silo is about to stop; its nodes move at the end of the round.</summary>
    /// <param name="silo">Name of the silo.</param>
    [Alias("SiloLeaves"), AlwaysInterleave]
    Task SiloLeaves(string silo);

    /// <summary>Changes the members of the run at the beginning of its next round.</summary>
    /// <param name="add">Ranks that join; empty and <paramref name="remove"/> empty, too: the first rank that is no
    /// member joins.</param>
    /// <param name="remove">Ranks that leave.</param>
    /// <returns>The change, or every reason against it.</returns>
    [ForClients, Alias("ChangeMembers"), AlwaysInterleave]
    Task<MemberAnswer> ChangeMembers(int[] add, int[] remove);

    /// <summary>Who sits where.</summary>
    [ForClients, Alias("Seats"), AlwaysInterleave]
    Task<Seat[]> Seats();

    /// <summary>Ends the run; the rounds that are done stay recorded and the weights are written.</summary>
    [ForClients, Alias("Stop"), AlwaysInterleave]
    Task<RunStatus> Stop();

    /// <summary>How the run stands.</summary>
    [ForClients, Alias("Status"), AlwaysInterleave]
    Task<RunStatus> Status();

    /// <summary>
    /// The run's events from a sequence number on: first the past ones, then each as it happens, until the run ends.
    /// </summary>
    /// <param name="from">First sequence number wanted; 0 is the beginning.</param>
    /// <param name="cancellation">Ends the watching, not the run.</param>
    [ForClients, Alias("Watch"), AlwaysInterleave]
    IAsyncEnumerable<RunEvent> Watch(long from, CancellationToken cancellation = default);
}

/// <summary>Answer to a change of a run's members.</summary>
/// <param name="Change">The change; null if refused.</param>
/// <param name="Errors">Why it is refused, one sentence each; empty if accepted.</param>
[GenerateSerializer, Immutable, Alias("fl.member-answer")]
public sealed record MemberAnswer([property: Id(0)] MemberChange? Change, [property: Id(1)] string[] Errors);
