using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Runs.State;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// The registry's list of peers, and the seats that are left; freeing them does not wait for silos that are gone.
/// </summary>
/// <param name="data">The run.</param>
/// <param name="grains">Registry, silos and nodes.</param>
/// <param name="cluster">The silos that work.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Logs what could not be freed.</param>
internal sealed partial class Departures(
    RunData data, IClusterGrains grains, ISiloView cluster, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan LeaversAnswerWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly LongCall _registry = new(time, e => Failures.IsLoss(e) || e is TimeoutException,
        e => NoRegistry(log, data.Run, Failures.Sentence(e)), BetweenTries);

    /// <summary>Gives each node its rank; waits for the registry while its silo is lost.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="stop">Waits no longer.</param>
    public Task Register(int nodes, CancellationToken stop) => _registry.Ask(() =>
        grains.Registry.Seat(data.Run, [.. Enumerable.Range(0, nodes).Select(RunSeats.Identity)]), stop);

    /// <summary>Publishes who sits where.</summary>
    public Task Publish() =>
        BestEffort(() =>
            grains.Registry.Publish(data.Run, new MemberList(data.Seats.Version, data.Epoch, data.Seats.Peers)));

    /// <summary>Frees seats that nodes had before and have no longer, and silos that hold none any more.</summary>
    /// <param name="before">Name of the silo by rank.</param>
    public async Task Free(IReadOnlyDictionary<int, string> before)
    {
        var seats = data.Seats.Seats;
        foreach (var (rank, old) in before.Where(b => HeldASeat(b.Key) && seats.GetValueOrDefault(b.Key) != b.Value
            && Works(b.Value)))
            await BestEffort(() => grains.Node(data.Run, rank, old).Leave(data.Epoch));
        foreach (var old in before.Values.Distinct().Except(seats.Values).Where(Works))
            await BestEffort(() => grains.Silo(old).Forget(data.Run, data.Epoch));
    }

    /// <summary>Has all silos with seats let go of the run.</summary>
    public Task FreeAll() =>
        BestEffort(() =>
            Task.WhenAll(data.Seats.Seats.Values.Distinct().Select(s => grains.Silo(s).Forget(data.Run, data.Epoch))));

    // An idle node that holds nothing has no seat to leave.
    private bool HeldASeat(int rank) => !data.Plan.Protocol.HasIdleNodes || data.Versions.Holds(rank);

    private bool Works(string silo) => cluster.AddressOf(silo) is not null;

    private async Task BestEffort(Func<Task> call)
    {
        try
        {
            await call().WaitAsync(LeaversAnswerWithin, time);
        }
        catch (Exception e)
        {
            NotReleased(log, e, data.Run); // a silo that stops at the same time, a node that hangs; nothing is lost
        }
    }

    [LoggerMessage(4, LogLevel.Warning, "Run {Run}: its nodes could not be asked to leave.")]
    private static partial void NotReleased(ILogger logger, Exception e, string run);

    [LoggerMessage(24, LogLevel.Warning, "Run {Run} waits for the registry: {Reason}")]
    private static partial void NoRegistry(ILogger logger, string run, string reason);
}
