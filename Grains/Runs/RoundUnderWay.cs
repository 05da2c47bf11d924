using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Grains.Runs;

/// <summary>One round under way: its phases, what they gave, who is absent.</summary>
/// <remarks>
/// Each phase is a barrier, and has a deadline; what becomes of a node that misses it the experiment says. A round that
/// is recorded and done again counts the same nodes absent as it did then.
/// </remarks>
internal sealed partial class RoundUnderWay
{
    private readonly RunData _data;
    private readonly SeatCalls _seats;
    private readonly PhaseCalls _calls;
    private readonly IClusterGrains _grains;
    private readonly PhaseClock _clock;
    private readonly ILogger _log;
    private readonly CancellationToken _stop;
    private readonly int _round;
    private readonly int _server;
    private readonly bool _again;
    private readonly SortedDictionary<int, string> _away; // by plan, with the reason
    private readonly RoundSums _sums = new();
    private readonly SortedDictionary<int, Absence> _absent = [];
    private readonly SortedDictionary<int, Absence> _untrained = []; // pass on what they receive all the same

    /// <summary>Begins a round.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="data">The run.</param>
    /// <param name="seats">Seats nodes that were idle.</param>
    /// <param name="calls">Calls nodes.</param>
    /// <param name="grains">The silos.</param>
    /// <param name="clock">Counts the time of each phase.</param>
    /// <param name="log">Logs nodes that are absent.</param>
    /// <param name="stop">The run is to end.</param>
    public RoundUnderWay(int round, RunData data, SeatCalls seats, PhaseCalls calls, IClusterGrains grains,
        PhaseClock clock, ILogger log, CancellationToken stop)
    {
        (_round, _data, _seats, _calls, _grains, _clock, _log, _stop) =
            (round, data, seats, calls, grains, clock, log, stop);
        Active = Plan.Protocol.Participants(round);
        _away = Plan.Away(round);
        _server = Plan.Members(round).Server;
        _again = data.History.IsRecorded(round);
        foreach (var node in Active.Where(data.Seats.Unseated.ContainsKey))
            _absent[node] = new Absence(node, data.Seats.Unseated[node], PhaseName.Seat);
        foreach (var (node, reason) in _away) _absent.TryAdd(node, new Absence(node, reason, PhaseName.Away));
    }

    /// <summary>Nodes that are to take part.</summary>
    public IReadOnlyList<int> Active { get; }

    /// <summary>Nodes that miss it, by rank.</summary>
    public IReadOnlyDictionary<int, Absence> Absent => _absent;

    /// <summary>What nodes miss of it: those that are absent, and those whose training alone failed.</summary>
    public Absence[] Missed => [.. _absent.Values.Concat(_untrained.Values).OrderBy(a => a.Node)];

    private Plan Plan => _data.Plan;

    private SeatingSettings Seating => _data.Experiment.Seating;

    private HashSet<int> Behind => _data.Seats.Behind;

    /// <summary>Takes the round through its phases.</summary>
    /// <exception cref="SeatsLostException">A node or a silo with nodes is lost.</exception>
    /// <exception cref="ExperimentException">A node is absent that the round cannot do without.</exception>
    public async Task Run()
    {
        var last = Plan.Exchanges.Count - 1;
        await TakeSeats();
        var late = _data.Seats.Seats.ContainsKey(_server) ? Plan.Behind(_round, Behind).ToHashSet() : [];
        if (late.Count > 0)
            await Phase(PhaseName.CatchUp, late.Contains, Step(NodeStep.CatchUp, _round), (_round - 1, last + 2));
        await WakeUp(last);
        await Phase(PhaseName.Train, node => Plan.Trains(node, _round), Step(NodeStep.Train, _round), (_round, 1),
            abandonable: false);
        for (var e = 0; e < Plan.Exchanges.Count; e++)
        {
            var exchange = e;
            await Phase(PhaseName.Exchange(e), node => Plan.Receives(node, _round, exchange), Combine(_round, exchange),
                (_round, exchange + 2));
        }
        if (Plan.Tests(_round))
            await Phase(PhaseName.Test, node => Plan.Tests(node, _round), Step(NodeStep.Evaluate, _round), null);
        if (_absent.Count > 0 && Plan.Protocol.RefusalOfAbsence(_absent.First().Key, _round) is { } refusal)
            throw new ExperimentException($"{refusal}: {_absent.First().Value.Reason}");
        Quorum.Require(Seating.RoundQuorum, "seating.roundQuorum", Active.Count - _away.Count,
            Missed.Where(a => !_away.ContainsKey(a.Node)).DistinctBy(a => a.Node)
                .ToDictionary(a => a.Node, a => a.Reason),
            $"are present in round {_round + 1}");
    }

    /// <summary>The report of the round.</summary>
    /// <param name="seconds">How long it took.</param>
    public RoundReport Report(double seconds) =>
        (_sums.Report(_round, Active, Plan.Metrics, _absent, _untrained, seconds) with
        {
            Model = Plan.TestedModel(_round)
        }).At(Plan.Scheduled(_round));

    /// <summary>Seats those that take part and were idle until now.</summary>
    private async Task TakeSeats()
    {
        int[] seated = [.. Active.Where(n => !_absent.ContainsKey(n) && !_data.Versions.IsAwake(n))];
        if (seated.Length == 0) return;
        var (joined, missing) = await _seats.Join(seated, _ => SeatCalls.NoSponsor, PhaseDeadline.Of(Seating), _stop);
        foreach (var node in joined.Keys) _data.Versions[node] = new StateVersion(_round, 0);
        Miss(missing, PhaseName.Seat);
    }

    /// <summary>Has those that were idle receive the server's model, to begin with it.</summary>
    private async Task WakeUp(int last)
    {
        var woken = Plan.Protocol.CatchingUp(_round).ToHashSet();
        if (woken.Count == 0) return;
        if (Behind.Contains(_server))
            Miss(woken.ToDictionary(n => n,
                _ => "The server missed the round before, so there is no model to begin with."), PhaseName.Wake);
        var before = _sums.ReceivedBytes;
        await Phase(PhaseName.Wake, woken.Contains, Step(NodeStep.CatchUp, _round), (_round - 1, last + 2));
        _sums.Add(_server, new PhaseReport(SentBytes: _sums.ReceivedBytes - before));
    }

    private Func<int[], CancellationToken, Task<BatchAnswer<PhaseReport>>> Combine(int of, int exchange) =>
        Step(NodeStep.Combine, of, exchange);

    private Func<int[], CancellationToken, Task<BatchAnswer<PhaseReport>>> Step(NodeStep step, int of, int exchange = 0)
    {
        int[] missing = step == NodeStep.Combine
            ? [.. Plan.Silent(_round, exchange, _absent.Keys, _untrained.Keys)]
            : [];
        return (nodes, token) => _grains.Silo(_data.Seats.Seats[nodes[0]]).Take(new BatchOrder(_data.Run, _data.Epoch,
            step, of, exchange, missing, nodes, [.. nodes.Select(n => _data.Versions[n])]), token);
    }

    private async Task Phase(
        string phase, Func<int, bool> takesPart, Func<int[], CancellationToken, Task<BatchAnswer<PhaseReport>>> call,
        (int Round, int Step)? after, bool abandonable = true)
    {
        using var timed = _clock.In(phase);
        var recorded = _again ? _data.History.AbsentIn(_round) : [];
        foreach (var absence in recorded.Where(a => a.Phase == phase && !_absent.ContainsKey(a.Node)))
            MissesOf(phase, absence.Node)[absence.Node] = absence;
        var nodes = Active.Where(n => !_absent.ContainsKey(n) && !MissesOf(phase, n).ContainsKey(n) && takesPart(n));
        var deadline = _again ? PhaseDeadline.None : PhaseDeadline.Of(Seating);
        var (reports, missing) = await _calls.Nodes(phase, _data.Seats.BySilo(nodes), deadline, call,
            abandonable, _stop);
        foreach (var (node, report) in reports)
        {
            _sums.Add(node, report);
            if (after is { } version) _data.Versions[node] = new StateVersion(version.Round, version.Step);
        }
        Miss(missing, phase);
    }

    /// <summary>Where it is noted that a node misses a phase: one that passes on what it receives is not absent because
    /// its training fails.</summary>
    private SortedDictionary<int, Absence> MissesOf(string phase, int node) =>
        phase == PhaseName.Train && Plan.PassesOn(node, _round) ? _untrained : _absent;

    private void Miss(IReadOnlyDictionary<int, string> missing, string phase)
    {
        foreach (var (node, reason) in missing)
        {
            var misses = MissesOf(phase, node);
            misses[node] = new Absence(node,
                ReferenceEquals(misses, _untrained) ? Plan.Untrained(reason) : reason, phase);
            IsAbsent(_log, _data.Run, _round + 1, node, phase, reason);
        }
        if (missing.Count > 0 && Seating.Absence == SeatingSettings.Stop)
            throw new ExperimentException($"Node {missing.First().Key} is absent in round {_round + 1}, "
                + $"and seating.absence is stop: {missing.First().Value}");
    }

    [LoggerMessage(1, LogLevel.Warning, "Run {Run}, round {Round}: node {Node} is absent ({Phase}): {Reason}")]
    private static partial void IsAbsent(ILogger logger, string run, int round, int node, string phase, string reason);
}
