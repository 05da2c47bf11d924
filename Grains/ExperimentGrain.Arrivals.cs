using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains;

/// <summary>Rounds of nodes that go by the clock: who arrives first makes the round, and the others train on meanwhile.</summary>
/// <remarks>
/// A round is recorded with what made it. After a loss recorded rounds are done again as they were, and all whose training was under way begin it anew.
/// </remarks>
internal sealed partial class ExperimentGrain
{
    private LiveSchedule? _clocked;
    private CancellationTokenSource _polls = new();
    private TaskCompletionSource _arrived = NewSignal();

    /// <summary>Shows the plan the rounds that are recorded.</summary>
    private void AnnounceRecorded()
    {
        if (Plan.Protocol.Arrivals is not { } schedule) return;
        foreach (var round in _events.OfType<RoundEvent>())
            if (round.Arrivals is { } arrivals) Plan.Tell(round.Round - 1, RoundsByClock.Of(round.Round - 1, arrivals, schedule.HasServer));
    }

    /// <summary>Waits for what makes a round, unless it is recorded, and tells the silos; does nothing where rounds follow from the experiment.</summary>
    /// <returns>What makes it.</returns>
    private async Task<RoundArrivals?> Gather(int round, CancellationToken stop)
    {
        if (Plan.Protocol.Arrivals is not { } schedule) return null;
        using var phase = Clock.In("arrive");
        var happened = round < _written ? schedule.Of(round) : await NextRound(schedule, round, stop);
        Plan.Tell(round, happened);
        var sent = new AnnouncedRound(Run, _epoch, round, RoundsByClock.Of(happened));
        await CallSilos([.. _addresses.Keys], name => Silo(name).Tell(sent), stop);
        return sent.Arrivals;
    }

    private async Task<ScheduledRound> NextRound(ArrivalSchedule schedule, int round, CancellationToken stop)
    {
        if (_clocked is null) GoByClock(schedule, stop);
        var live = _clocked!;
        var patience = Patience.Of(Experiment.Seating).Limit;
        using var limit = patience is { } longest ? new CancellationTokenSource(longest, time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop, _loss.Token);
        var starts = live.Start().ToLookup(s => _seats[s.Node]);
        await CallSilos([.. starts.Select(s => s.Key)], name => Silo(name).TrainAhead(new AheadOrder(
            Run, _epoch, [.. starts[name].Select(s => s.Node)], [.. starts[name].Select(s => s.Began)], [.. starts[name].Select(s => _at[s.Node])])), stop);
        try
        {
            while (live.Arrived < live.Needed)
            {
                _progress = new ProgressEvent(round + 1, "arrive", live.Arrived, live.Needed) { Sequence = _events.Count, Time = time.GetUtcNow() };
                Signal();
                await _arrived.Task.WaitAsync(both.Token);
            }
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            stop.ThrowIfCancellationRequested();
            if (_loss.IsCancellationRequested) throw new SeatsLostException(_lossReason);
            throw new ExperimentException($"Of {live.Needed} nodes that make round {round + 1}, {live.Arrived} have arrived within {patience!.Value.TotalSeconds:0.###} s; "
                + "if their trainings take longer, set seating.roundDeadlineSeconds to more, or seating.absence to wait.");
        }
        var (arrived, begun) = live.Make();
        return schedule.Make(round, arrived, begun);
    }

    /// <summary>Goes on by the clock from the rounds that are recorded.</summary>
    private void GoByClock(ArrivalSchedule schedule, CancellationToken stop)
    {
        _clocked = Plan.Live([.. _seats.Keys]);
        for (var round = 0; round < _written; round++) _clocked.Show(schedule.Of(round));
        _polls = CancellationTokenSource.CreateLinkedTokenSource(stop, _loss.Token);
        foreach (var silo in _addresses.Keys) _ = Poll(_clocked, silo, _epoch, _polls.Token);
    }

    /// <summary>Goes by the clock no longer: seats are taken anew, or the run is over.</summary>
    private void LeaveClock()
    {
        _clocked = null;
        _polls.Cancel();
        _polls.Dispose();
        _polls = new();
    }

    /// <summary>Receives of a silo whose trainings have ended, until the epoch is over.</summary>
    private async Task Poll(LiveSchedule live, string silo, long epoch, CancellationToken over)
    {
        var loss = _loss;
        try
        {
            for (var from = 0; !over.IsCancellationRequested;)
            {
                var since = from;
                var arrivals = await Again(() => Silo(silo).Arrivals(Run, epoch, since, over), over).WaitAsync(over);
                foreach (var (node, began) in arrivals.Nodes.Zip(arrivals.Began)) live.Arrive(node, began);
                from = arrivals.Next;
                var arrived = _arrived;
                _arrived = NewSignal();
                arrived.TrySetResult();
            }
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // Seated anew, or over.
        }
        catch (Exception e)
        {
            Lose(loss, Failures.Sentence(e));
        }
    }

    /// <summary>Calls silos that must all answer.</summary>
    private async Task CallSilos(string[] names, Func<string, Task> call, CancellationToken stop)
    {
        if (names.Length == 0) return;
        var (_, missing) = await AllSilos("arrive", names, Patience.Endless, async i =>
        {
            await call(names[i]);
            return true;
        }, stop);
        if (missing.Count > 0) throw new ExperimentException($"Silo {names[missing.First().Key]}: {missing.First().Value}");
    }
}
