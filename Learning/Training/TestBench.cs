using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training;

/// <summary>Tests the models of one run on the lanes; nodes that hold the very same vector share one test.</summary>
/// <param name="plan">What the run trains and tests.</param>
/// <param name="lanes">Where tests run; a large one is cut into pieces that several lanes share.</param>
/// <param name="run">Run id, for the lanes' fairness.</param>
/// <param name="cancellation">Ends with the run; a shared test is not its first caller's to cancel.</param>
public sealed class TestBench(ITrainingContext plan, TrainingLanes lanes, string run, CancellationToken cancellation)
{
    private readonly ConditionalWeakTable<ParameterVector, Lazy<Task<MetricSum>>[]> _tests = [];
    private readonly IReadOnlyList<Range> _pieces = Evaluator.Pieces(plan.TestIndices.Length);

    /// <summary>Number of pieces that a test on the global samples is cut into.</summary>
    public int Pieces => _pieces.Count;

    /// <summary>Loss and accuracy on the global test samples.</summary>
    /// <param name="weights">The model's weights.</param>
    public Task<MetricSum> Test(ParameterVector weights) => Test(weights, Enumerable.Range(0, Pieces));

    /// <summary>Loss and accuracy on some pieces of the global test samples.</summary>
    /// <param name="weights">The model's weights.</param>
    /// <param name="pieces">Which pieces, each below <see cref="Pieces"/>.</param>
    public async Task<MetricSum> Test(ParameterVector weights, IEnumerable<int> pieces)
    {
        var tests = _tests.GetValue(weights, w => [.. _pieces.Select(piece => new Lazy<Task<MetricSum>>(() =>
            Evaluate(JobOf(w, plan.Data.Test), plan.TestIndices, piece)))]);
        return Sum(await Task.WhenAll(pieces.Select(piece => tests[piece].Value)));
    }

    /// <summary>Loss and accuracy on the samples that a node holds out.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="weights">The model's weights.</param>
    public Task<MetricSum> Validate(int node, ParameterVector weights) =>
        Evaluate(weights, plan.Data.Train, plan.ValidationIndices(node));

    /// <summary>Loss and accuracy on the test samples drawn by a node's own priors.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="weights">The model's weights.</param>
    public Task<MetricSum> TestLocally(int node, ParameterVector weights) =>
        Evaluate(weights, plan.Data.Test, plan.LocalTest[node]);

    private async Task<MetricSum> Evaluate(ParameterVector weights, ImageSet data, int[] indices)
    {
        var job = JobOf(weights, data);
        return Sum(await Task.WhenAll(Evaluator.Pieces(indices.Length).Select(piece => Evaluate(job, indices, piece))));
    }

    private Task<MetricSum> Evaluate(EvaluationJob job, int[] indices, Range piece) => lanes.Run(run, LaneWork.Evaluate, (lane, stop) =>
        lane.EngineFor(job.Model, plan.Training).Evaluate(job, indices.AsSpan(piece), stop), cancellation);

    private EvaluationJob JobOf(ParameterVector weights, ImageSet data) => new(plan.Model, plan.Data.Classes, weights, data);

    private static MetricSum Sum(IEnumerable<MetricSum> sums) => sums.Aggregate(MetricSum.Zero, MetricSum.Add);
}
