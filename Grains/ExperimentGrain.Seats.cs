using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains;

/// <summary>Seats: which node sits on which silo, in which epoch; nodes take their seats with the state after the rounds done.</summary>
internal sealed partial class ExperimentGrain
{
    private readonly Dictionary<int, StateVersion> _at = []; // version of the state that each node is in, except those that rest
    private readonly Dictionary<int, StateVersion> _resting = []; // and that of those that rest, if they hold one
    private readonly HashSet<int> _unsaved = []; // nodes whose state may have changed since the last checkpoint
    private readonly Dictionary<string, SiloAddress> _addresses = [];
    private readonly Dictionary<string, Traffic> _traffic = []; // of the silos, at the end of the last round
    private SortedDictionary<int, string> _seats = [];
    private Seat[] _peers = [];
    private HashSet<int> _behind = [];
    private CancellationTokenSource _loss = new();
    private string _lossReason = "";
    private int _seatedVersion;
    private string _seen = ""; // silos and members for which the seats are known to be right

    /// <summary>Seats all members; tries again, in a new epoch each time, until the deadline.</summary>
    /// <param name="reason">Why they are seated anew; empty the first time.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="fromCheckpoint">Whether to go back to the last checkpoint; otherwise the states after the rounds done are there.</param>
    private async Task Seat(string reason, CancellationToken stop, bool fromCheckpoint = false)
    {
        using var phase = Clock.In("seat");
        var first = !_events.Any(e => e is SeatedEvent);
        if (first)
        {
            Enter(RunState.Seating, 0);
            await Registry.Seat(Run, [.. Enumerable.Range(0, Experiment.Nodes).Select(Identity)]);
        }
        var before = new SortedDictionary<int, string>(_seats);
        var began = time.GetTimestamp();
        var patience = TimeSpan.FromSeconds(Experiment.Seating.DeadlineSeconds);
        var unfit = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var attempt = 0; ; attempt++)
        {
            stop.ThrowIfCancellationRequested();
            if (attempt > 0 || reason.Length > 0) await NewEpoch();
            if (fromCheckpoint) await LatestCheckpoint(_written);
            var left = patience - time.GetElapsedTime(began);
            string trouble;
            try
            {
                trouble = await TrySeat(first, before, unfit, left, stop);
            }
            catch (SeatsLostException e)
            {
                stop.ThrowIfCancellationRequested();
                (trouble, fromCheckpoint) = (e.Message, _done > 0 || fromCheckpoint);
            }
            if (trouble.Length == 0) break;
            if (left <= TimeSpan.Zero)
                throw new ExperimentException($"The nodes could not be seated within {patience.TotalSeconds} s (seating.deadlineSeconds): {trouble}");
            Log.NotSeated(log, Run, trouble);
            await WhenSilosChange(stop);
        }
        await Announce(reason, first, before, stop);
        Enter(RunState.Running, _seats.Count);
    }

    /// <summary>Begins another epoch, unless another silo did.</summary>
    private async Task NewEpoch()
    {
        if (await store.Claimed(Run) is var latest && latest != _epoch)
            throw new StaleClaimException($"Run {Run} was claimed anew: its epoch is {latest}, not {_epoch}.");
        _epoch = await store.Claim(Run);
    }

    /// <summary>One attempt to seat all members.</summary>
    /// <returns>What stands in the way; empty if nothing does.</returns>
    private async Task<string> TrySeat(
        bool first, SortedDictionary<int, string> before, SortedDictionary<string, string> unfit, TimeSpan left, CancellationToken stop)
    {
        var members = Plan.Members(_done);
        var silos = Candidates().Where(s => !unfit.ContainsKey(s.Name)).ToArray();
        var plan = SeatPlan.Assign(silos, Present(members), Experiment.Devices, before);
        if (plan.Unplaced.Count > 0 && (!first || left > TimeSpan.Zero || plan.Seats.Count == 0))
            return unfit.Count > 0 ? $"{plan.Unplaced.First().Value} Silo {unfit.First().Key}: {unfit.First().Value}" : plan.Unplaced.First().Value;
        foreach (var (rank, why) in plan.Unplaced) _unseated[rank] = why; // the first time, at the deadline: the quorum decides
        _seen = plan.Unplaced.Count == 0 ? Sight(members, silos) : "";
        _seats = new SortedDictionary<int, string>(plan.Seats.ToDictionary());
        _addresses.Clear();
        foreach (var silo in silos.Where(s => _seats.ContainsValue(s.Name))) _addresses[silo.Name] = silo.Address;
        LeaveClock();
        WatchSilos();
        if (await EnterSilos(unfit, stop) is { Length: > 0 } trouble) return trouble;
        return await JoinNodes(first, members, stop);
    }

    /// <summary>What seats depend on, as text.</summary>
    private static string Sight(Membership members, IEnumerable<SiloPlace> silos) => $"{members.Version} {string.Join(' ', silos)}";

    /// <summary>Has the silos take part in the epoch; one that cannot is not tried again.</summary>
    private async Task<string> EnterSilos(SortedDictionary<string, string> unfit, CancellationToken stop)
    {
        string[] names = [.. _addresses.Keys.Order(StringComparer.Ordinal)];
        var seats = new int[Experiment.Nodes];
        for (var rank = 0; rank < seats.Length; rank++) seats[rank] = _seats.TryGetValue(rank, out var silo) ? Array.IndexOf(names, silo) : -1;
        var order = new EnterOrder(Run, _epoch, _json, [.. _changes], names, seats, _done);
        await contexts.Enter(order); // its own silo may hold no nodes, but reads their weights at the end
        var (entries, missing) = await AllSilos("seat", names, Patience.Of(Experiment.Seating.DeadlineSeconds), i => Silo(names[i]).Enter(order), stop);
        foreach (var (i, entry) in entries)
        {
            _traffic[names[i]] = entry.Traffic;
            CountLanes(names[i], entry);
        }
        foreach (var (i, why) in missing)
        {
            unfit[names[i]] = why;
            Log.Unfit(log, Run, names[i], why);
        }
        _lanes = entries.Values.Sum(e => e.Lanes);
        _peak = entries.Values.All(e => e.PeakGflops is not null) ? entries.Values.Sum(e => e.PeakGflops) : null;
        return missing.Count == 0 ? "" : missing.First().Value;
    }

    private async Task<string> JoinNodes(bool first, Membership members, CancellationToken stop)
    {
        bool IsNew(int rank) => _done > 0 && members.FromRound == _done && members.Added.Contains(rank) && !_snapshots.ContainsKey(rank);
        int SponsorOf(int rank) => IsNew(rank) ? members.Sponsor(rank, Plan.HasServer) : -1;
        if (Plan.Protocol.HasRestingNodes && members.FromRound == _done)
            foreach (var rank in members.Added) Forget(rank); // what it knew before it left
        var patience = Patience.Of(Experiment.Seating.DeadlineSeconds);
        var awake = _seats.Keys.Where(r => !Plan.Protocol.Rests(r, _done)).ToArray(); // the others take their seats when they are to train
        var (joined, missing) = await Join([.. awake.Where(r => !IsNew(r))], SponsorOf, patience, stop);
        if (missing.Count == 0)
        {
            (var late, missing) = await Join([.. awake.Where(IsNew)], SponsorOf, patience, stop);
            foreach (var (rank, seat) in late) joined[rank] = seat;
        }
        if (missing.Count > 0 && !first)
        {
            if (_kept > 0 && _done == _kept) await LatestCheckpoint(_kept - 1); // a damaged checkpoint is no use another time
            return $"Node {missing.First().Key}: {missing.First().Value}";
        }
        foreach (var (rank, why) in missing)
        {
            _unseated[rank] = why;
            _seats.Remove(rank);
        }
        _peers = [.. _seats.Select(s => joined.GetValueOrDefault(s.Key) ?? new Seat(Identity(s.Key), s.Key, s.Value, "", Plan.TrainIndices(s.Key).Length))];
        RequireQuorum(Experiment.Seating.Quorum, "seating.quorum", members.Ranks.Length, new(_unseated.Where(u => members.Has(u.Key)).ToDictionary()), "are ready");
        _at.Clear();
        foreach (var rank in joined.Keys) _at[rank] = new StateVersion(_done, 0);
        _behind = [.. _absences.GetValueOrDefault(_done - 1, []).Select(a => a.Node).Where(_seats.ContainsKey)];
        _seatedVersion = members.Version;
        return "";
    }

    private void Forget(int rank)
    {
        _snapshots.Remove(rank);
        _resting.Remove(rank);
    }

    /// <summary>Has nodes take their seats, with the state after the rounds done.</summary>
    private Task<(Dictionary<int, Seat> Answers, SortedDictionary<int, string> Missing)> Join(
        int[] ranks, Func<int, int> sponsorOf, Patience patience, CancellationToken stop)
    {
        JoinOrder OrderOf(int rank) => new(_epoch, new Seat(Identity(rank), rank), _done, _snapshots.GetValueOrDefault(rank), sponsorOf(rank),
            _resting.TryGetValue(rank, out var held) ? held : null);
        return All("seat", BySilo(ranks), patience,
            (nodes, token) => Silo(_seats[nodes[0]]).Seat(new SeatsOrder(Run, _done, [.. nodes.Select(OrderOf)]), token), true, stop);
    }

    /// <summary>Records and publishes who sits where, and frees the seats that were left.</summary>
    private async Task Announce(string reason, bool first, SortedDictionary<int, string> before, CancellationToken stop)
    {
        string[] silos = [.. _addresses.Keys.Where(_seats.ContainsValue).Order(StringComparer.Ordinal)];
        if (first)
        {
            await Task.Run(() => _recorder!.WriteStart(Plan, _peers, silos.Length, _lanes), stop);
            Absence[]? missing = _unseated.Count == 0 ? null : [.. _unseated.Select(u => new Absence(u.Key, u.Value))];
            await Record(new SeatedEvent(_peers.Length, Plan.Members(_done).Ranks.Length, silos.Length, _lanes, Plan.Layout.TrainableLength, Seconds, missing));
        }
        else
        {
            if (_recorder is { HasStart: false } anew) // taken up on another machine
            {
                await Task.Run(() => anew.WriteStart(Plan, _peers, silos.Length, _lanes), stop);
                if (_changes.Count > 0) anew.WriteReplay(Plan.Experiment, _changes);
            }
            _recorder?.WriteSeats(_peers);
            var moved = _seats.Count(s => !before.TryGetValue(s.Key, out var old) || old != s.Value);
            await Record(new ReseatedEvent(_done, _epoch, silos, moved, reason));
        }
        Log.Seated(log, Run, _epoch, _seats.Count, silos.Length, _done);
        await BestEffort(Registry.Publish(Run, new MemberList(_seatedVersion, _epoch, _peers)));
        foreach (var (rank, old) in before.Where(b => (!Plan.Protocol.HasRestingNodes || _resting.ContainsKey(b.Key) || _at.ContainsKey(b.Key)) && _seats.GetValueOrDefault(b.Key) != b.Value && inventory.AddressOf(b.Value) is not null))
            await BestEffort(GrainFactory.GetGrain<INodeGrain>(INodeGrain.KeyOf(Run, rank, old)).Leave(_epoch));
        foreach (var old in before.Values.Distinct().Except(_seats.Values).Where(s => inventory.AddressOf(s) is not null))
            await BestEffort(Silo(old).Forget(Run, _epoch));
    }

    /// <summary>Gives the round up as soon as a silo with seats is gone from the cluster, or is another one of that name.</summary>
    private void WatchSilos()
    {
        _loss.Cancel(); // ends the watch before
        var loss = _loss = new();
        _lossReason = "";
        _ = Watch();

        async Task Watch()
        {
            try
            {
                for (; ; )
                {
                    var changed = inventory.Changed;
                    if (_addresses.Where(a => _seats.ContainsValue(a.Key)).FirstOrDefault(a => !a.Value.Equals(inventory.AddressOf(a.Key))).Key is { } gone)
                    {
                        if (!loss.IsCancellationRequested) Lose(loss, $"Silo {gone} was lost.");
                        return;
                    }
                    await changed.WaitAsync(loss.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // Seated anew, or over.
            }
        }
    }

    private void Lose(CancellationTokenSource loss, string reason)
    {
        if (_lossReason.Length == 0) _lossReason = reason;
        loss.Cancel();
    }

    private async Task WhenSilosChange(CancellationToken stop)
    {
        var changed = inventory.Changed;
        await Task.WhenAny(changed, Task.Delay(BetweenTries, time, stop));
        stop.ThrowIfCancellationRequested();
    }

    private async Task BestEffort(Task call)
    {
        try
        {
            await call.WaitAsync(PatienceWithLeavers, time);
        }
        catch (Exception e)
        {
            Log.NotReleased(log, e, Run);
        }
    }

    private IRegistryGrain Registry => GrainFactory.GetGrain<IRegistryGrain>(IRegistryGrain.Key);

    /// <summary>A node's stable name.</summary>
    private static string Identity(int rank) => $"node-{rank:D4}";
}
