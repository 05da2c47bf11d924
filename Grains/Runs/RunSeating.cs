using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains.Runs;

/// <summary>Seats all members of a run, in an epoch of their own, and says who sits where.</summary>
/// <param name="data">The run.</param>
/// <param name="claim">Begins epochs.</param>
/// <param name="seats">Calls silos and nodes.</param>
/// <param name="checkpoints">Has states to go back to.</param>
/// <param name="arrivals">Goes on anew with other seats.</param>
/// <param name="loss">Watches the silos with seats.</param>
/// <param name="departures">Frees the seats that are left.</param>
/// <param name="cluster">The silos.</param>
/// <param name="record">What is reported of the run.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Logs seatings.</param>
internal sealed partial class RunSeating(
    RunData data, RunClaim claim, SeatCalls seats, CheckpointKeeper checkpoints, LiveArrivals arrivals, SeatLoss loss,
    Departures departures, ISiloView cluster, RunRecord record, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private bool _entered; // silos know of the epoch: another attempt needs another one

    private SeatingSettings Settings => data.Experiment.Seating;

    /// <summary>
    /// Seats all members; tries again until the deadline, in a new epoch each time that silos were asked to take part.
    /// </summary>
    /// <param name="reason">Why they are seated anew; empty the first time.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="fromCheckpoint">Whether to go back to the last checkpoint; otherwise the states after the rounds
    /// done are there.</param>
    /// <exception cref="ExperimentException">They could not be seated within the deadline, or too few
    /// could.</exception>
    /// <exception cref="Checkpoints.StaleClaimException">Another process works on the run.</exception>
    public async Task Seat(string reason, CancellationToken stop, bool fromCheckpoint = false)
    {
        using var phase = record.Clock.In("seat");
        var first = !record.Events.All.Any(e => e is SeatedEvent);
        if (first)
        {
            record.Standing.Enter(RunState.Seating, 0);
            await departures.Register(data.Experiment.Nodes, stop);
        }
        var before = first ? [] : await seats.Before();
        string[] gone = [.. before.Values.Distinct().Where(s => cluster.AddressOf(s) is null)];
        var began = time.GetTimestamp();
        var limit = TimeSpan.FromSeconds(Settings.DeadlineSeconds);
        var unfit = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var said = "";
        _entered = reason.Length > 0;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            await (_entered ? claim.Renew() : claim.Require());
            _entered = false;
            if (fromCheckpoint) await checkpoints.GoBack(data.History.Written);
            var left = limit - time.GetElapsedTime(began);
            string trouble;
            try
            {
                trouble = await TrySeat(first, before, unfit, left, stop);
            }
            catch (SeatsLostException e)
            {
                stop.ThrowIfCancellationRequested();
                (trouble, fromCheckpoint) = (e.Message, data.History.Done > 0 || fromCheckpoint);
            }
            if (trouble.Length == 0) break;
            if (left <= TimeSpan.Zero)
                throw new ExperimentException($"The nodes could not be seated within {limit.TotalSeconds} s "
                    + $"(seating.deadlineSeconds): {trouble}");
            if (trouble != said) NotSeated(log, data.Run, trouble);
            said = trouble;
            await WhenSilosChange(stop);
        }
        if (gone.Length > 0 && !gone.Any(s => reason.Contains($"Silo {s} ", StringComparison.Ordinal)))
            reason += $" Silo {string.Join(", ", gone)} was lost."; // a successor knows no more than that
        await Announce(reason, first, before, stop);
        record.Standing.Enter(RunState.Running, data.Seats.Seats.Count);
    }

    /// <summary>One attempt to seat all members.</summary>
    /// <returns>What stands in the way; empty if nothing does.</returns>
    private async Task<string> TrySeat(bool first, SortedDictionary<int, string> before,
        SortedDictionary<string, string> unfit, TimeSpan left, CancellationToken stop)
    {
        var members = data.Plan.Members(data.History.Done);
        // The first time, at the deadline, those for whom there is no seat are missing.
        var trouble = data.Seats.Deal(members, data.Experiment.Devices, before, unfit, mayMiss: first
            && left <= TimeSpan.Zero);
        if (trouble.Length > 0) return trouble;
        arrivals.Leave();
        loss.Watch(() => data.Seats.Held);
        _entered = true;
        trouble = await seats.Enter(unfit, stop);
        return trouble.Length > 0 ? trouble : await Join(first, members, stop);
    }

    private async Task<string> Join(bool first, Membership members, CancellationToken stop)
    {
        var (joined, missing) = await seats.JoinAll(members, stop);
        var done = data.History.Done;
        if (missing.Count > 0 && !first)
        {
            // A damaged checkpoint is no use another time.
            if (checkpoints.Kept > 0 && done == checkpoints.Kept) await checkpoints.GoBack(checkpoints.Kept - 1);
            return $"Node {missing.First().Key}: {missing.First().Value}";
        }
        var mine = data.Seats;
        foreach (var (rank, why) in missing)
        {
            mine.Unseated[rank] = why;
            mine.Seats.Remove(rank);
        }
        mine.Peers = [.. mine.Seats.Select(s => joined.GetValueOrDefault(s.Key)
            ?? new Seat(RunSeats.Identity(s.Key), s.Key, s.Value, "", data.Plan.TrainIndices(s.Key).Length))];
        Quorum.Require(Settings.Quorum, "seating.quorum", members.Ranks.Length,
            mine.Unseated.Where(u => members.Has(u.Key)).ToDictionary(), "are ready");
        data.Versions.Seat(joined.Keys, done);
        mine.Behind = [.. data.AbsentFromExchanges(done - 1).Select(a => a.Node)];
        mine.Version = members.Version;
        return "";
    }

    /// <summary>Records and publishes who sits where, and frees the seats that were left.</summary>
    private async Task Announce(string reason, bool first, SortedDictionary<int, string> before, CancellationToken stop)
    {
        var (mine, done) = (data.Seats, data.History.Done);
        string[] silos = [.. mine.Held.Select(s => s.Key).Order(StringComparer.Ordinal)];
        if (first || !record.Events.Folder.HasStart) await WriteStart(silos.Length); // or taken up on another machine
        if (first)
        {
            Absence[]? missing = mine.Unseated.Count == 0
                ? null
                : [.. mine.Unseated.Select(u => new Absence(u.Key, u.Value))];
            await record.Events.Record(new SeatedEvent(mine.Peers.Length, data.Plan.Members(done).Ranks.Length,
                silos.Length, record.Times.Lanes, data.Plan.Layout.TrainableLength, record.Times.Seconds, missing));
        }
        else
        {
            var peers = mine.Peers;
            record.Events.Folder.Write(folder => folder.WriteSeats(peers));
            var moved = mine.Seats.Count(s => before.TryGetValue(s.Key, out var old) && old != s.Value);
            await record.Events.Record(new ReseatedEvent(done, data.Epoch, silos, moved, reason));
        }
        Seated(log, data.Run, data.Epoch, mine.Seats.Count, silos.Length, done);
        await departures.Publish();
        await departures.Free(before);
    }

    private Task WriteStart(int silos)
    {
        var (plan, peers, lanes) = (data.Plan, data.Seats.Peers, record.Times.Lanes);
        MemberChange[] changes = [.. data.Plans.Changes];
        return Task.Run(() => record.Events.Folder.Write(folder =>
        {
            folder.WriteStart(plan, peers, silos, lanes);
            if (changes.Length > 0) folder.WriteReplay(plan.Experiment, changes);
        }));
    }

    private async Task WhenSilosChange(CancellationToken stop)
    {
        var changed = cluster.Changed;
        await Task.WhenAny(changed, Task.Delay(BetweenTries, time, stop));
        stop.ThrowIfCancellationRequested();
    }

    [LoggerMessage(12, LogLevel.Warning, "Run {Run} cannot be seated yet: {Reason}")]
    private static partial void NotSeated(ILogger logger, string run, string reason);

    [LoggerMessage(14, LogLevel.Information,
        "Run {Run}, epoch {Epoch}: {Nodes} nodes sit on {Silos} silo(s), after round {Round}.")]
    private static partial void Seated(ILogger logger, string run, long epoch, int nodes, int silos, int round);
}
