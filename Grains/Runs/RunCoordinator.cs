using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Times;

namespace Orleans.FL.Grains.Runs;

/// <summary>Puts together the parts that coordinate a run; each knows only those that it needs.</summary>
internal sealed class RunCoordinator : IShowProgress, IDisposable
{
    private readonly IDisposable[] _watching;

    /// <summary>The parts of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="services">What the silo offers.</param>
    /// <param name="activation">Stays while the run is under way.</param>
    /// <param name="log">The log.</param>
    public RunCoordinator(string run, RunServices services, IActivation activation, ILogger log)
    {
        var (time, silos) = (services.Time, services.Silos);
        var grains = new ClusterGrains(services.Grains);
        var clock = new PhaseClock(time);
        var claim = new RunClaim(run, services.Store);
        var loss = new SeatLoss(silos);
        Data = new RunData(claim, silos);
        Events = new RunEvents(claim, clock, time, log);
        Standing = new RunStanding(run, grains, time, log);
        var calls = new PhaseCalls(run, loss, this, time, log);
        var times = new TimeAccount(clock, Events, services.Meter, time);
        var checkpoints = new CheckpointKeeper(Data, services.Checkpoints, Events, time, log);
        var record = new RunRecord(Events, Standing, times);
        var settling = new Settling(Data, calls, grains, checkpoints, times);
        var arrivals = new LiveArrivals(Data, calls, grains, loss, this, clock, time);
        var seats = new SeatCalls(Data, calls, grains, services.Contexts, checkpoints, times, log);
        var departures = new Departures(Data, grains, silos, time, log);
        var seating = new RunSeating(
            Data, claim, seats, checkpoints, arrivals, loss, departures, silos, record, time, log);
        var rounds = new RoundRunner(Data, arrivals, seats, calls, grains, settling, record, time, log);
        var hold = new RunHold(
            Data, arrivals, departures, record, services.Contexts, services.States, services.Running, activation);
        var weights = new NodeWeights(Data, services.Reader, log);
        var ending = new RunEnding(Data, claim, settling, checkpoints, weights, hold, record, log);
        Opening = new RunOpening(Data, claim, checkpoints, services.Contexts, record, services.Options.Value, time);
        Life = new RunLife(
            Data, Opening, seating, rounds, settling, arrivals, ending, hold, services.Running, record, log);
        _watching = [arrivals, loss];
    }

    /// <summary>What is known of the run.</summary>
    public RunData Data { get; }

    /// <summary>Its log and its watchers.</summary>
    public RunEvents Events { get; }

    /// <summary>How it stands.</summary>
    public RunStanding Standing { get; }

    /// <summary>How it comes to be known.</summary>
    public RunOpening Opening { get; }

    /// <summary>Its life.</summary>
    public RunLife Life { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// A run that could not be let go in time keeps its watches: it would else take them for lost seats, and write to a
    /// run that a successor may already hold. It ends as soon as what it waits for does.
    /// </remarks>
    public void Dispose()
    {
        Life.Dispose();
        if (!Life.IsOver) return;
        foreach (var part in _watching) part.Dispose();
    }

    /// <inheritdoc/>
    public void Show(string phase, int done, int of) => Events.Show(Data.History.Done + 1, phase, done, of);
}
