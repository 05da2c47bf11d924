using Orleans.Concurrency;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>One run: starts it, paces its rounds, keeps its record. The key is the run id.</summary>
[Alias("fl.experiment")]
public interface IExperimentGrain : IGrainWithStringKey
{
    /// <summary>Takes the experiment: checks it, loads its data, makes the run's folder; called by the registry.</summary>
    /// <param name="experiment">The experiment file as canonical JSON.</param>
    /// <returns>The run, or every fault found.</returns>
    [Alias("Prepare"), ResponseTimeout("00:10:00")]
    Task<Registration> Prepare(string experiment);

    /// <summary>Starts the run and returns at once; starting it again changes nothing.</summary>
    [Alias("Start")]
    Task<RunStatus> Start();

    /// <summary>Holds the run at the end of the round that it is in.</summary>
    [Alias("Pause"), AlwaysInterleave]
    Task<RunStatus> Pause();

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    [Alias("Resume"), AlwaysInterleave]
    Task<RunStatus> Resume();

    /// <summary>Ends the run; the rounds that are done stay recorded and the weights are written.</summary>
    [Alias("Stop"), AlwaysInterleave]
    Task<RunStatus> Stop();

    /// <summary>How the run stands.</summary>
    [Alias("Status"), AlwaysInterleave]
    Task<RunStatus> Status();

    /// <summary>The run's events from a sequence number on: first the past ones, then each as it happens, until the run ends.</summary>
    /// <param name="from">First sequence number wanted; 0 is the beginning.</param>
    /// <param name="cancellation">Ends the watching, not the run.</param>
    [Alias("Watch"), AlwaysInterleave]
    IAsyncEnumerable<RunEvent> Watch(long from, CancellationToken cancellation = default);
}
