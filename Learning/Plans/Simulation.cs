using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Plans;

/// <summary>
/// A run in one process without grains: the readable twin of the cluster, which must give the same bits.
/// </summary>
public static class Simulation
{
    private const string Id = "simulation";

    /// <summary>Runs an experiment to its end.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="options">Data, lanes, and a callback for each round.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ExperimentException">The data do not suit the experiment.</exception>
    /// <exception cref="RunFailedException">Nothing is learnt.</exception>
    public static async Task<SimulationResult> Run(
        Experiment experiment, SimulationOptions options, CancellationToken cancellation = default)
    {
        var plan = Plan.Of(experiment, options.Data);
        if (plan.Protocol.Arrivals is not null)
            throw new ExperimentException([new ValidationError("$.pace", "Under pace asynchronous nodes go by the "
                + "clock of a cluster, which a simulation has not: run it with 'flctl start', "
                + "on silos or with --local; its folder's replay.json can be simulated, and gives the same bytes.")]);
        await using var lanes = new TrainingLanes(options.Lanes);
        var bench = new TestBench(plan, lanes, Id, cancellation);
        // by rank; some may be no members
        var learners = Enumerable.Range(0, experiment.Nodes).Select(i => new Learner(plan, i)).ToArray();
        var reports = new List<RoundReport>();
        var misses = new List<RoundMisses>();
        HashSet<int> behind = []; // who missed the last round
        for (var round = 0; round < experiment.Rounds; round++)
        {
            var report = await Round(round);
            reports.Add(report);
            options.OnRound?.Invoke(report);
            if (plan.RefusalOfFruitlessRounds(round + 1, r => misses[r]) is { } refusal)
                throw new RunFailedException(refusal);
        }
        return new SimulationResult(reports,
            [.. plan.Protocol.Holders(experiment.Rounds - 1).Select(r => learners[r].Tested)])
        {
            Task = plan.Outputs.Task
        };

        async Task<RoundReport> Round(int round)
        {
            var start = options.Time.GetTimestamp();
            var traffic = (Sent: new long[learners.Length], Received: new long[learners.Length]);
            var absent = plan.Away(round);
            ChangeMembers(round);
            CatchUp(round, absent, traffic);
            var members = Active(round);
            var steps = new SimulatedSteps(plan, learners, round, absent, traffic);
            var trained = await steps.Train((me, stop) => lanes.Train(Id, plan.Model, me.Settings,
                (lane, given) => (LocalResult?)me.Train(lane, round, given), cancellation: stop), cancellation);
            var outcome = new Dictionary<int, SplitSessionReport>();
            var peerScores = members.ToDictionary(me => me, _ => new List<PeerScore>());
            for (var e = 0; e < plan.Exchanges.Count; e++)
            {
                if (plan.Exchanges[e] == ExchangeKind.SplitSession)
                {
                    foreach (var (node, report) in await RunSplitSessions(learners, plan, round, e, lanes,
                        cancellation))
                        outcome[node] = report;
                    steps.AfterSessions(e);
                    continue;
                }
                foreach (var me in await steps.Exchange(e,
                    work => lanes.Run(Id, (lane, stop) => work(lane, stop), cancellation)))
                    peerScores[me].AddRange(me.PeerScores);
            }
            behind = [.. absent.Keys];
            misses.Add(steps.Misses);
            var tests = await Task.WhenAll(members.Select(me => Test(me, round, absent)));
            foreach (var (node, report) in outcome)
            {
                traffic.Sent[node] += report.SentBytes;
                traffic.Received[node] += report.ReceivedBytes;
            }
            var emitted = members.ToDictionary(me => me, me => me.TakeEmitted(round));
            foreach (var me in members.Where(m => plan.Protocol.DropsModel(m.Index, round)))
                me.State = plan.Protocol.StateWhenIdle(me.Index, me.State) ?? new Learner(plan, me.Index).State;
            return new RoundReport(round + 1, [.. members.Select((me, i) => absent.TryGetValue(me.Index, out var reason)
                ? NodeReport.Absent(me.Index, round + 1, reason)
                : new NodeReport(me.Index, round + 1, trained[me.Index]?.Metrics ?? Said(me)?.Training ?? default,
                    tests[i].Validation + (Said(me)?.Validation ?? default), tests[i].Test + (Said(me)?.Test
                        ?? default), tests[i].Local + (Said(me)?.LocalTest ?? default), traffic.Sent[me.Index],
                    traffic.Received[me.Index], trained[me.Index]?.Steps ?? Said(me)?.Steps ?? 0, 0,
                    steps.Untrained.GetValueOrDefault(me.Index))
                { PeerScores = [.. peerScores[me]], Metrics = [.. MergedMetric.Of(plan.Metrics, emitted[me])] })],
                options.Time.GetElapsedTime(start).TotalSeconds, 0).At(plan.Scheduled(round)) with
            {
                Model = plan.TestedModel(round)
            };

            SplitOutcome? Said(Learner me) => outcome.GetValueOrDefault(me.Index)?.SplitOutcome;
        }

        // A node that missed the last round, or was idle, begins with the server's model of it, as on a cluster.
        void CatchUp(int round, SortedDictionary<int, string> absent, (long[] Sent, long[] Received) traffic)
        {
            var (exchange, server) = (plan.Exchanges.Count - 1, plan.Members(round).Server);
            var late = plan.Behind(round, behind).ToHashSet();
            foreach (var node in plan.Protocol.Participants(round)
                .Where(n => late.Contains(n) && !absent.ContainsKey(n)))
                SendModel(node);
            foreach (var node in plan.Protocol.CatchingUp(round).Where(n => !absent.ContainsKey(n)).ToList())
            {
                if (behind.Contains(server))
                    absent[node] = "The server missed the round before, so there is no model to begin with.";
                else traffic.Sent[server] += SendModel(node);
            }

            long SendModel(int node)
            {
                var model = learners[server].Compose(exchange);
                learners[node].Combine(round - 1, exchange, ReceivedUpdates.Of([new ReceivedUpdate(server, 1, model)]),
                    null, cancellation);
                traffic.Received[node] += plan.FormatOf(node, exchange).Bytes;
                return plan.FormatOf(server, exchange).Bytes;
            }
        }

        Learner[] Active(int round) => [.. plan.Protocol.Participants(round).Select(r => learners[r])];

        void ChangeMembers(int round)
        {
            if (plan.Members(round) is not { Version: > 0 } now || now.FromRound != round) return;
            // what it knew before it left is forgotten
            foreach (var rank in now.Added) learners[rank] = new Learner(plan, rank);
            if (plan.Turnover(round) is { } change)
                learners[change.Server].Lead(change,
                    change.ServerChanges ? learners[change.LastServer].State : null,
                    [.. change.Left.Select(n => learners[n].State)]);
            if (round == 0 || plan.EndsInBroadcast) return;
            foreach (var rank in now.Added)
                learners[rank].Adopt(learners[now.Sponsor(rank, plan.HasServer)].Weights);
        }

        async Task<(MetricSums Validation, MetricSums Test, MetricSums Local)> Test(
            Learner me, int round, SortedDictionary<int, string> absent) =>
            !plan.Tests(me.Index, round) || absent.ContainsKey(me.Index)
            ? default
            : (await bench.Validate(me.Index, me.Tested), await bench.Test(me.Tested),
                await bench.TestLocally(me.Index, me.Tested));
    }

    /// <summary>Runs the split sessions of an exchange, all at once; each side computes on a lane when it has work to
    /// do.</summary>
    internal static async Task<IReadOnlyDictionary<int, SplitSessionReport>> RunSplitSessions(
        Learner[] learners, Plan plan, int round, int exchange, TrainingLanes lanes, CancellationToken cancellation)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sides = new List<Task<(int, SplitSessionReport)>>();
        foreach (var me in plan.Protocol.Participants(round))
        {
            if (plan.Row(me, round, exchange) is not [var (other, _)] || other < me) continue;
            var (one, two) = SplitSession.Link();
            sides.Add(Side(me, other, one));
            sides.Add(Side(other, me, two));
        }
        await foreach (var done in Task.WhenEach(sides))
            if (!done.IsCompletedSuccessfully) await broken.CancelAsync(); // the other side would wait for ever
        return (await Task.WhenAll(sides.OrderBy(s => s.IsCanceled))).ToDictionary(s => s.Item1, s => s.Item2);

        async Task<(int, SplitSessionReport)> Side(int node, int other, ISplitChannel link)
        {
            var report = await SplitSession.Run(learners[node].JoinSession(round, exchange, other), link,
                work => lanes.Run(Id, (_, _) => work(), broken.Token), broken.Token);
            learners[node].Conclude(report.SplitOutcome);
            return (node, report);
        }
    }
}

/// <summary>What a simulation runs on.</summary>
/// <param name="Data">Datasets, one copy of each.</param>
/// <param name="Lanes">Training lanes; the result does not depend on their number.</param>
/// <param name="Time">The clock.</param>
public sealed record SimulationOptions(DatasetCache Data, int Lanes, TimeProvider Time)
{
    /// <summary>Called after each round.</summary>
    public Action<RoundReport>? OnRound { get; init; }
}

/// <summary>What a simulation gave.</summary>
/// <param name="Rounds">One report a round.</param>
/// <param name="Weights">Final weights of all members, in rank order.</param>
public sealed record SimulationResult(IReadOnlyList<RoundReport> Rounds, IReadOnlyList<ParameterVector> Weights)
{
    /// <summary>SHA-256 over the final weights of all nodes in rank order, lower-case hex.</summary>
    public string WeightsSha256 => WeightsHash.Of(Weights);

    /// <summary>The run's task.</summary>
    public required LearningTask Task { get; init; }

    /// <summary>The task's main metric in the last test, the mean over the nodes.</summary>
    public double TestScore => Rounds[^1].Test(Task.Main).Mean;
}
