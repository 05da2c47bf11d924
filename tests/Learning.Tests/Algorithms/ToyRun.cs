using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Orleans.FL.Testing;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>Learners of a toy experiment, moved by hand.</summary>
internal sealed class ToyRun
{
    public ToyRun(params string[] overrides)
    {
        var experiment = Toy.Experiment(overrides);
        Plan = Plan.Of(experiment, Toy.Data().Get(experiment.Dataset));
        Learners = [.. Enumerable.Range(0, experiment.Nodes).Select(i => new Learner(Plan, i))];
    }

    public Plan Plan { get; }

    public Learner[] Learners { get; }

    public Algorithm Algorithm => Plan.AlgorithmOf(0);

    /// <summary>Pretends that a node trained: each weight moved by the same amount in so many steps.</summary>
    public void Train(int node, int round, float by, long steps)
    {
        var me = Learners[node];
        me.Begin(round);
        me.Weights = ParameterVector.Own([.. me.Weights.Span.ToArray().Select(w => w + by)]);
        Algorithm.OnTrained(me, new LocalResult(me.Weights, OptimizerState.Fresh, MetricSums.Zero, steps));
    }

    /// <summary>A whole round, trained on a lane.</summary>
    public async Task Round(TrainingLanes lanes, int round, Action<int, int, Update>? sent = null)
    {
        foreach (var me in Learners.Where(l => Plan.Trains(l.Index, round)))
            await lanes.Run("toy", (lane, stop) => me.Train(lane, round, stop));
        for (var exchange = 0; exchange < Plan.Exchanges.Count; exchange++)
        {
            var e = exchange;
            if (Plan.Exchanges[e] == ExchangeKind.SplitSession)
            {
                await Simulation.RunSplitSessions(Learners, Plan, round, e, lanes, CancellationToken.None);
                continue;
            }
            var updates = Learners.Select(me => me.Compose(e)).ToArray();
            for (var node = 0; node < updates.Length; node++) sent?.Invoke(node, e, updates[node]);
            foreach (var me in Learners)
                await lanes.Run("toy", (lane, stop) =>
                {
                    me.Combine(round, e, ReceivedUpdates.Of([.. Plan.Row(me.Index, round, e)
                        .Select(r => new ReceivedUpdate(r.Node, r.Weight, updates[r.Node]))]), lane, stop);
                    return true;
                });
        }
    }

    public void Exchange(int round, int exchange)
    {
        var rows = Learners.Select(me => Plan.Row(me.Index, round, exchange)).ToArray();
        var sent = Learners.Select(me => me.Compose(exchange)).ToArray();
        foreach (var me in Learners)
            me.Combine(round, exchange, ReceivedUpdates.Of(
                [.. rows[me.Index].Select(r => new ReceivedUpdate(r.Node, r.Weight, sent[r.Node]))]));
    }

    /// <summary>How far the node's weights are from the initial ones; the same for all weights.</summary>
    public float Moved(int node) => Moved(Learners[node].Weights, Plan.InitialWeights);

    /// <summary>How far each of the node's weights is from the initial one.</summary>
    public float[] Moves(int node) =>
        [.. Learners[node].Weights.Span.ToArray().Zip(Plan.InitialWeights.Span.ToArray(), (a, b) => a - b)];

    public static float Moved(ParameterVector vector, ParameterVector from)
    {
        var moves = vector.Span.ToArray()
            .Zip(from.Span.ToArray(), (a, b) => MathF.Round(a - b, 5)).Distinct().ToArray();
        return moves.Length == 1
            ? moves[0]
            : throw new InvalidOperationException($"Moved by {string.Join(", ", moves)}.");
    }
}
