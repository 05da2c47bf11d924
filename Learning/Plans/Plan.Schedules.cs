using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Learning.Plans;

/// <summary>What happens when, where a round is more than all nodes' turn.</summary>
public sealed partial class Plan
{
    /// <summary>Announces a round of a run that goes by the clock; later rounds that were announced before no longer
    /// count, unless this one was announced the same before.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="happened">What makes it.</param>
    public void Announce(int round, ScheduledRound happened)
    {
        lock (_drawn)
        {
            _drawn.Clear(); // a round that was announced, and not done, may have been drawn
            Protocol.Arrivals!.Announce(round, happened);
        }
    }

    /// <summary>What makes those rounds.</summary>
    /// <param name="ranks">Ranks of the members that have a seat, ascending.</param>
    public LiveSchedule Live(IReadOnlyList<int> ranks) => Protocol.Live(ranks);

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
            if (round + 1 == rounds.Count) break; // after the last round all receive the server's model
            foreach (var node in rounds[round].Begun) open[node] = round + 1;
        }
        arrivals.AddRange(open.OrderBy(o => o.Key).Select(o => new EquatableList<int>([o.Key, o.Value, 0])));
        return Experiment with
        {
            Pace = new(Paces.Pace.Asynchronous, new AsynchronousPace.Options { Arrivals = [.. arrivals] })
        };
    }

    /// <summary>The round whose randomness and settings a node's training in a round has: where nodes go by the
    /// clock, that in which it began.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public int TrainingRound(int node, int round) => Protocol.Scheduled(round)?.Of(node)?.Began ?? round;

    /// <summary>What happens in a round in simulated time, or by the clock where nodes do not wait for each other;
    /// else null.</summary>
    /// <param name="round">Round, from 0.</param>
    public ScheduledRound? Scheduled(int round) => Protocol.Scheduled(round) ?? _clock?.Of(round);

    /// <summary>The schedule by which nodes go that do not wait for each other; null where they do.</summary>
    internal RoundSchedule? OwnSchedule() => Pace is AsynchronousPace byClock
        ? byClock.Schedule(_memberships[0].Ranks, Main.Requires.Server, Experiment.Rounds)
        : ScheduledNodes() is { } nodes ? ((IAsynchronousAlgorithm)Main).Schedule(nodes) : null;

    private BarrierSchedule? Clock() =>
        !IsAsynchronous && ScheduledNodes() is { } nodes ? new BarrierSchedule(this, nodes) : null;

    /// <summary>The nodes in simulated time, with clocks for one schedule; null where only the wall clock
    /// counts.</summary>
    private ScheduledNodes? ScheduledNodes()
    {
        if (Pace.Clocks(Seeds) is not { } clocks) return null;
        var members = _memberships[0];
        return new ScheduledNodes(clocks, members.Ranks, _topology.Server is null ? null : members.Server,
            Experiment.Rounds, Seeds)
        {
            Samples = node => Experiment.TrainingOf(node).SamplesOf(Samples(node)),
            Bytes = (node, exchange) => FormatOf(node, exchange).Bytes,
            Receivers = node => [.. members.Graph.Receivers(members.Position(node)).Select(p => members.Ranks[p])],
        };
    }
}
