using Orleans.FL.Learning.Paces;

namespace Orleans.FL.Learning.Experiments;

/// <summary>What happens when, where a round is more than all nodes' turn.</summary>
public sealed partial class Plan
{
    /// <summary>Whether nodes go by a schedule of simulated time, or by the clock, and do not wait for each other.</summary>
    public bool WaitsForNobody => _schedule is not null;

    /// <summary>The rounds of a run that goes by the clock, as whoever coordinates it tells them (<see cref="Tell"/>); null where they follow from the experiment.</summary>
    public ArrivalSchedule? Arrivals => _free is { IsLive: true } ? (ArrivalSchedule)_schedule! : null;

    /// <summary>Tells a round of a run that goes by the clock; what was told of later ones counts no more, unless the round was told the same before.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="happened">What makes it.</param>
    public void Tell(int round, ScheduledRound happened)
    {
        lock (_drawn)
        {
            _drawn.Clear(); // a round that was told, and not done, may have been drawn
            Arrivals!.Tell(round, happened);
        }
    }

    /// <summary>What makes those rounds.</summary>
    /// <param name="ranks">Ranks of the members that have a seat, ascending.</param>
    public LiveSchedule Live(IReadOnlyList<int> ranks) => Main.Live(new LiveNodes(ranks, Seeds) { Samples = Samples })
        ?? throw new InvalidOperationException("The algorithm does not go by the clock.");

    /// <summary>The experiment that gives the bytes of a run again which went by the clock.</summary>
    /// <param name="rounds">What made its rounds, all of them.</param>
    public Experiment Replay(IReadOnlyList<ScheduledRound> rounds)
    {
        var open = new Dictionary<int, int>(); // nodes that began with the server's model, and when
        var arrivals = new List<EquatableList<int>>();
        for (var round = 0; round < rounds.Count; round++)
        {
            foreach (var finish in rounds[round].Finishes)
            {
                arrivals.Add([finish.Node, finish.Began ?? round, round + 1]);
                open.Remove(finish.Node);
            }
            if (round + 1 == rounds.Count) break; // after the last round all receive from the server
            foreach (var node in rounds[round].Begun) open[node] = round + 1;
        }
        arrivals.AddRange(open.OrderBy(o => o.Key).Select(o => new EquatableList<int>([o.Key, o.Value, 0])));
        return Experiment with { Pace = new(Pace.Asynchronous, new AsynchronousPace.Options { Arrivals = [.. arrivals] }) };
    }

    /// <summary>The round whose randomness and settings a node's training in a round has: where nodes go by the clock, that in which it began.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public int TrainingRound(int node, int round) => _free is null ? round : _schedule!.Of(round).Of(node)?.Began ?? round;

    /// <summary>What happens in a round in simulated time, or by the clock where nodes do not wait for each other; else null.</summary>
    /// <param name="round">Round, from 0.</param>
    public ScheduledRound? Scheduled(int round) => _clock?.Of(round);

    /// <summary>The algorithm's own schedule of simulated time if it has one, and the schedule that tells the time.</summary>
    private (RoundSchedule? Own, RoundSchedule? Clock) Schedules()
    {
        if (_free is not null)
        {
            var live = _free.Schedule(_memberships[0].Ranks, Main.NeedsServer, Experiment.Rounds);
            return (live, live);
        }
        if (Experiment.Pace.Create().Clocks(Seeds) is not { } clocks) return (null, null);
        var members = _memberships[0];
        var nodes = new ScheduledNodes(clocks, members.Ranks, _topology.Server is null ? null : members.Server, Experiment.Rounds, Seeds)
        {
            Samples = node => Experiment.TrainingOf(node).SamplesOf(Samples(node)),
            Bytes = (node, exchange) => FormatOf(node, exchange).Bytes,
            Receivers = node => [.. members.Graph.Receivers(members.Position(node)).Select(p => members.Ranks[p])],
        };
        var own = Main.Schedule(nodes);
        return (own, own ?? new BarrierSchedule(this, nodes));
    }
}
