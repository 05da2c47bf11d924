using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// Rounds of nodes that go by the clock: who arrives first makes the round, and the others train on meanwhile.
/// </summary>
/// <remarks>
/// A round is recorded with what made it. After a loss recorded rounds are done again as they were, and all whose
/// training was under way begin it anew.
/// </remarks>
/// <param name="data">The run.</param>
/// <param name="calls">Calls silos.</param>
/// <param name="grains">The silos.</param>
/// <param name="loss">Gives up when seats are lost.</param>
/// <param name="progress">Is shown how many have arrived.</param>
/// <param name="clock">Counts the time that it takes.</param>
/// <param name="time">The clock.</param>
internal sealed class LiveArrivals(RunData data, PhaseCalls calls, IClusterGrains grains, SeatLoss loss,
    IShowProgress progress, PhaseClock clock, TimeProvider time) : IDisposable
{
    private const string Phase = "arrive";

    private LiveSchedule? _live;
    private CancellationTokenSource _listening = new();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Shows the plan the rounds that are recorded.</summary>
    /// <param name="recorded">Their events.</param>
    public void Load(IEnumerable<RoundEvent> recorded)
    {
        if (data.Plan.Protocol.Arrivals is not { } schedule) return;
        foreach (var round in recorded)
            if (round.Arrivals is { } arrivals)
                data.Plan.Announce(round.Round - 1, RoundsByClock.Of(round.Round - 1, arrivals, schedule.HasServer));
    }

    /// <summary>
    /// Waits for what makes a round, unless it is recorded, and announces it to the silos; does nothing where rounds
    /// follow from the experiment.
    /// </summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="stop">The run is to end.</param>
    /// <returns>What makes it.</returns>
    /// <exception cref="SeatsLostException">A node or a silo with nodes is lost.</exception>
    /// <exception cref="ExperimentException">Too few arrive in time.</exception>
    public async Task<RoundArrivals?> Gather(int round, CancellationToken stop)
    {
        if (data.Plan.Protocol.Arrivals is not { } schedule) return null;
        using var phase = clock.In(Phase);
        var happened = data.History.IsRecorded(round) ? schedule.Of(round) : await Next(schedule, round, stop);
        data.Plan.Announce(round, happened);
        var announced = new AnnouncedRound(data.Run, data.Epoch, round, RoundsByClock.Of(happened));
        await CallSilos([.. data.Seats.Addresses.Keys], name => grains.Silo(name).Announce(announced), stop);
        return announced.Arrivals;
    }

    /// <summary>Goes by the clock no longer: seats are taken anew, or the run is over.</summary>
    public void Leave()
    {
        _live = null;
        _listening.Cancel();
        _listening.Dispose();
        _listening = new();
    }

    /// <inheritdoc/>
    public void Dispose() => _listening.Cancel(); // not disposed of: the run may still leave

    private async Task<ScheduledRound> Next(ArrivalSchedule schedule, int round, CancellationToken stop)
    {
        var live = _live ??= Begin(schedule, stop);
        var lost = loss.Current;
        var starts = live.Start().ToLookup(s => data.Seats.Seats[s.Node]);
        var limit = PhaseDeadline.Of(data.Experiment.Seating).Limit;
        using var late = new CancellationTokenSource(limit ?? Timeout.InfiniteTimeSpan, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop, lost.Token);
        await CallSilos([.. starts.Select(s => s.Key)],
            name => grains.Silo(name).TrainAhead(OrderOf([.. starts[name]])), stop);
        try
        {
            while (live.Arrived < live.Needed)
            {
                progress.Show(Phase, live.Arrived, live.Needed);
                await _arrived.Task.WaitAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            stop.ThrowIfCancellationRequested();
            lost.ThrowIfLost();
            throw new ExperimentException($"Of {live.Needed} nodes that make round {round + 1}, {live.Arrived} have "
                + $"arrived within {limit!.Value.TotalSeconds:0.###} s; if their trainings take longer, "
                + "set seating.roundDeadlineSeconds to more, or seating.absence to wait.");
        }
        var (arrived, begun) = live.Make();
        return schedule.Make(round, arrived, begun);
    }

    private AheadOrder OrderOf((int Node, int Began)[] starts) =>
        new(data.Run, data.Epoch, [.. starts.Select(s => s.Node)], [.. starts.Select(s => s.Began)],
            [.. starts.Select(s => data.Versions[s.Node])]);

    /// <summary>Goes on by the clock from the rounds that are recorded.</summary>
    private LiveSchedule Begin(ArrivalSchedule schedule, CancellationToken stop)
    {
        var live = data.Plan.Live([.. data.Seats.Seats.Keys]);
        for (var round = 0; round < data.History.Written; round++) live.Show(schedule.Of(round));
        _listening = CancellationTokenSource.CreateLinkedTokenSource(stop, loss.Current.Token);
        foreach (var silo in data.Seats.Addresses.Keys) _ = Listen(live, silo, data.Epoch, _listening.Token);
        return live;
    }

    /// <summary>Asks a silo which trainings have ended, until the epoch is over.</summary>
    private async Task Listen(LiveSchedule live, string silo, long epoch, CancellationToken over)
    {
        var lost = loss.Current;
        try
        {
            for (var from = 0; !over.IsCancellationRequested;)
            {
                var since = from;
                var arrivals = await calls.Again(() => grains.Silo(silo).Arrivals(data.Run, epoch, since, over), over)
                    .WaitAsync(over);
                foreach (var (node, began) in arrivals.Nodes.Zip(arrivals.Began)) live.Arrive(node, began);
                from = arrivals.Next;
                var arrived = _arrived;
                _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
                arrived.TrySetResult();
            }
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // Seated anew, or over.
        }
        catch (Exception e)
        {
            lost.Set(Failures.Sentence(e));
        }
    }

    /// <summary>Calls silos that must all answer.</summary>
    private async Task CallSilos(string[] names, Func<string, Task> call, CancellationToken stop)
    {
        if (names.Length == 0) return;
        var (_, missing) = await calls.Silos(Phase, names.Length, PhaseDeadline.None, async i =>
        {
            await call(names[i]);
            return true;
        }, stop);
        if (missing.Count > 0)
            throw new ExperimentException($"Silo {names[missing.First().Key]}: {missing.First().Value}");
    }
}
