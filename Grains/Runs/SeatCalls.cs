using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains.Runs;

/// <summary>Has silos take part in an epoch, and nodes take their seats with the state after the rounds done.</summary>
/// <param name="data">The run.</param>
/// <param name="calls">Calls silos.</param>
/// <param name="grains">The silos.</param>
/// <param name="contexts">Takes part in the epoch here.</param>
/// <param name="checkpoints">Has states of nodes that hold none.</param>
/// <param name="times">Counts what silos do from then on.</param>
/// <param name="log">Logs silos that cannot take part.</param>
internal sealed partial class SeatCalls(RunData data, PhaseCalls calls, IClusterGrains grains, RunContexts contexts,
    CheckpointKeeper checkpoints, TimeAccount times, ILogger log)
{
    /// <summary>Stands for the sponsor of a node that is not new.</summary>
    public const int NoSponsor = -1;

    private PhaseDeadline Deadline => PhaseDeadline.After(data.Experiment.Seating.DeadlineSeconds);

    /// <summary>
    /// Where the nodes sat before: as this coordinator knows, or, if it is a successor, its silo or the registry.
    /// </summary>
    /// <returns>Name of the silo by rank; empty if nobody is left who knows.</returns>
    public async Task<SortedDictionary<int, string>> Before()
    {
        if (data.Seats.Seats.Count > 0) return new(data.Seats.Seats);
        if (contexts.Find(data.Run) is { Epoch: > 0 } here) return new(here.Seats.ToDictionary());
        try
        {
            var known = await grains.Registry.Peers(data.Run);
            return new((known?.Seats ?? []).ToDictionary(s => s.Rank, s => s.Silo));
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return []; // it went with the silo that was lost
        }
    }

    /// <summary>Has the silos with seats take part in the epoch.</summary>
    /// <param name="unfit">Takes the silos that cannot, and why.</param>
    /// <param name="stop">The run is to end.</param>
    /// <returns>What stands in the way; empty if nothing does.</returns>
    public async Task<string> Enter(SortedDictionary<string, string> unfit, CancellationToken stop)
    {
        string[] names = [.. data.Seats.Addresses.Keys.Order(StringComparer.Ordinal)];
        var seats = new int[data.Experiment.Nodes];
        for (var rank = 0; rank < seats.Length; rank++)
            seats[rank] = data.Seats.Seats.TryGetValue(rank, out var silo) ? Array.IndexOf(names, silo) : -1;
        var order = new EnterOrder(data.Run, data.Epoch, data.Plans.Json, [.. data.Plans.Changes], names, seats,
            data.History.Done);
        await contexts.Enter(order); // its own silo may hold no nodes, but reads their weights at the end
        var (entries, missing) = await calls.Silos("seat", names.Length,
            Deadline, i => grains.Silo(names[i]).Enter(order), stop);
        times.Enter(entries.ToDictionary(e => names[e.Key], e => e.Value));
        foreach (var (i, why) in missing)
        {
            unfit[names[i]] = why;
            Unfit(log, data.Run, names[i], why);
        }
        return missing.Count == 0 ? "" : missing.First().Value;
    }

    /// <summary>
    /// Has the members that are not idle take their seats: first those that have a state, then the new ones, who begin
    /// with another node's.
    /// </summary>
    /// <param name="members">The members.</param>
    /// <param name="stop">The run is to end.</param>
    /// <returns>The seats by rank, and why others are missing.</returns>
    public async Task<PhaseAnswers<Seat>> JoinAll(Membership members, CancellationToken stop)
    {
        var done = data.History.Done;
        bool IsNew(int rank) =>
            done > 0 && members.FromRound == done && members.Added.Contains(rank) && checkpoints.Of(rank) is null;
        int SponsorOf(int rank) => IsNew(rank) && !data.Plan.EndsInBroadcast
            ? members.Sponsor(rank, data.Plan.HasServer) : NoSponsor;
        if (data.Plan.Protocol.HasIdleNodes && members.FromRound == done)
            foreach (var rank in members.Added) checkpoints.Forget(rank); // what it knew before it left
        // Idle nodes take their seats when they are to train.
        var awake = data.Seats.Seats.Keys.Where(r => !data.Plan.Protocol.DropsModel(r, done)).ToArray();
        var (joined, missing) = await Join([.. awake.Where(r => !IsNew(r))], _ => NoSponsor, Deadline, stop);
        if (missing.Count > 0) return new(joined, missing);
        (var late, missing) = await Join([.. awake.Where(IsNew)], SponsorOf, Deadline, stop, areNew: true);
        foreach (var (rank, seat) in late) joined[rank] = seat;
        return new(joined, missing);
    }

    /// <summary>Has nodes take their seats.</summary>
    /// <param name="ranks">The nodes.</param>
    /// <param name="sponsorOf">Whose weights a node begins with; <see cref="NoSponsor"/> if it is not new.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <param name="stop">The run is to end.</param>
    /// <param name="areNew">Whether they are new members.</param>
    /// <returns>The seats by rank, and why others are missing.</returns>
    public Task<PhaseAnswers<Seat>> Join(int[] ranks, Func<int, int> sponsorOf, PhaseDeadline deadline,
        CancellationToken stop, bool areNew = false)
    {
        var lead = data.Plan.Turnover(data.History.Done);
        JoinOrder OrderOf(int rank) =>
            new(data.Epoch, new Seat(RunSeats.Identity(rank), rank), data.History.Done, checkpoints.Of(rank),
                sponsorOf(rank), data.Versions.WhenIdle(rank), areNew, lead?.Server == rank ? OrderOfLead(lead) : null);
        return calls.Nodes("seat", data.Seats.BySilo(ranks),
            deadline, (nodes, token) => grains.Silo(data.Seats.Seats[nodes[0]])
                .Seat(new SeatsOrder(data.Run, data.History.Done, [.. nodes.Select(OrderOf)]), token), true, stop);
    }

    private LeadOrder OrderOfLead(MemberTurnover change) => new(
        change.ServerChanges ? checkpoints.Of(change.LastServer) : null,
        [.. change.Left.Select(checkpoints.Of).OfType<NodeSnapshot>()], checkpoints.Kept == data.History.Done);

    [LoggerMessage(13, LogLevel.Warning, "Run {Run}: silo {Silo} cannot take part. {Reason}")]
    private static partial void Unfit(ILogger logger, string run, string silo, string reason);
}
