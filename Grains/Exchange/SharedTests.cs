using System.Runtime.CompilerServices;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// Tests a model that the server spread over several silos once for all of them: each tests its share of the samples.
/// </summary>
/// <remarks>
/// Sums of tests are exact, so their bits do not depend on who tested which piece. What a silo does not answer is
/// tested here.
/// </remarks>
/// <param name="reader">Knows which model was spread.</param>
/// <param name="peers">Reaches other silos.</param>
/// <param name="inventory">How many lanes each silo has.</param>
/// <param name="time">The clock.</param>
public sealed class SharedTests(UpdateReader reader, IPeerCalls peers, SiloInventory inventory, TimeProvider time)
{
    private const int MostPending = 360; // an hour of answers that the test is under way; a liar's come at once

    /// <summary>A call that fails is not repeated: its share is tested here.</summary>
    private readonly LongCall _calls = new(time, _ => false, _ => { });

    private readonly ConditionalWeakTable<ParameterVector, Lazy<Task<MetricSums>>> _tests = [];

    /// <summary>Loss and metrics of a node's weights on the global test samples.</summary>
    /// <param name="context">The run on this silo.</param>
    /// <param name="run">Run id.</param>
    /// <param name="order">Epoch and round.</param>
    /// <param name="weights">The weights.</param>
    public Task<MetricSums> Test(RunContext context, string run, StepOrder order, ParameterVector weights) =>
        context.Silos is { Count: > 1 } silos && context.Bench.Pieces > 1
            && ReferenceEquals(Spread(context.Plan, run, order.Epoch, order.Round), weights)
            ? _tests.GetValue(weights,
                w => new Lazy<Task<MetricSums>>(() => TestTogether(context, silos, run, order, w))).Value
            : context.Bench.Test(weights);

    /// <summary>Tests this silo's share for another one.</summary>
    /// <param name="context">The run on this silo.</param>
    /// <param name="request">Which pieces.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such pieces.</exception>
    public async Task<TestAnswer> Answer(RunContext context, TestRequest request)
    {
        if (request.Pieces.Length > context.Bench.Pieces || request.Pieces.Any(p => p < 0 || p >= context.Bench.Pieces))
            throw new ArgumentOutOfRangeException(nameof(request),
                $"A test has {context.Bench.Pieces} pieces; others were asked for.");
        if (Spread(context.Plan, request.Run, request.Epoch, request.Round) is not { } weights)
            return new TestAnswer(false, null);
        var test = context.Bench.Test(weights, request.Pieces);
        var ended = await test.EndsWithin(CallLimit.AnswersWithin, time);
        return new TestAnswer(true, ended ? (await test).ToNumbers() : null);
    }

    /// <summary>The model that the server spread at the end of a round, if the run does so and it is here.</summary>
    private ParameterVector? Spread(Plan plan, string run, long epoch, int round) =>
        plan.Exchanges is [.., ExchangeKind.Broadcast]
            && reader.Find(UpdateAddress.InExchange(run, epoch, plan.Members(round).Server, round,
                plan.Exchanges.Count - 1))?.Weights is { } weights
            && weights.Length == plan.Layout.Length // an algorithm may spread less than a model
                ? weights
                : null;

    private async Task<MetricSums> TestTogether(
        RunContext context, IReadOnlyList<string> silos, string run, StepOrder order, ParameterVector weights)
    {
        var lanes = inventory.Silos.ToDictionary(s => s.Name, s => Math.Max(1, s.Lanes));
        string[] turns = [.. silos.SelectMany(s => Enumerable.Repeat(s, lanes.GetValueOrDefault(s, 1)))];
        var sums = await Task.WhenAll(Enumerable.Range(0, context.Bench.Pieces)
            .GroupBy(piece => turns[piece % turns.Length]).Select(share =>
                share.Key == inventory.Here
                    ? context.Bench.Test(weights, share)
                    : Ask(context, share.Key, new TestRequest(run, order.Epoch, order.Round, [.. share]), weights)));
        return sums.Aggregate(MetricSums.Zero, MetricSums.Add);
    }

    private async Task<MetricSums> Ask(RunContext context, string silo, TestRequest request, ParameterVector weights)
    {
        try
        {
            var pending = 0;
            var answer = await _calls.Ask(() => peers.Test(silo, request),
                a => a is { Holds: true, Sums: null } && ++pending < MostPending, CancellationToken.None);
            if (answer is { Holds: true, Sums: { } sums }) return MetricSums.OfNumbers(sums);
        }
        catch (Exception)
        {
            // Its share is tested here; a test does not decide whether the silo still belongs to the run.
        }
        return await context.Bench.Test(weights, request.Pieces);
    }
}
