using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Learning.Plans;

/// <summary>Tests the models of one run on the lanes; nodes that hold the very same vector share one test.</summary>
/// <param name="plan">What the run trains and tests.</param>
/// <param name="lanes">Where tests run; a large one is cut into pieces that several lanes share.</param>
/// <param name="run">Run id, for the lanes' fairness.</param>
/// <param name="cancellation">Ends with the run; a shared test is not its first caller's to cancel.</param>
public sealed class TestBench(ITrainingContext plan, TrainingLanes lanes, string run, CancellationToken cancellation)
{
    private readonly ConditionalWeakTable<ParameterVector, Lazy<Task<MetricSums>>[]> _tests = [];
    private readonly IReadOnlyList<Range> _pieces = Evaluator.Pieces(plan.TestIndices.Length);

    /// <summary>Number of pieces that a test on the global samples is cut into.</summary>
    public int Pieces => _pieces.Count;

    /// <summary>Loss and metrics on the global test samples.</summary>
    /// <param name="weights">The model's weights.</param>
    public Task<MetricSums> Test(ParameterVector weights) => Test(weights, Enumerable.Range(0, Pieces));

    /// <summary>Loss and metrics on some pieces of the global test samples.</summary>
    /// <param name="weights">The model's weights.</param>
    /// <param name="pieces">Which pieces, each below <see cref="Pieces"/>.</param>
    public async Task<MetricSums> Test(ParameterVector weights, IEnumerable<int> pieces)
    {
        var tests = _tests.GetValue(weights, w => [.. _pieces.Select(piece => new Lazy<Task<MetricSums>>(() =>
            Evaluate(JobOf(w, plan.Data.Test), plan.TestIndices, piece)))]);
        return Sum(await Task.WhenAll(pieces.Select(piece => tests[piece].Value)));
    }

    /// <summary>Loss and metrics on the samples that a node holds out.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="weights">The model's weights.</param>
    public Task<MetricSums> Validate(int node, ParameterVector weights) =>
        Evaluate(weights, plan.Data.Train, plan.ValidationIndices(node));

    /// <summary>Loss and metrics on the test samples drawn by a node's own priors.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="weights">The model's weights.</param>
    public Task<MetricSums> TestLocally(int node, ParameterVector weights) =>
        Evaluate(weights, plan.Data.Test, plan.LocalTest[node]);

    private async Task<MetricSums> Evaluate(ParameterVector weights, DataPart data, int[] indices)
    {
        var job = JobOf(weights, data);
        return Sum(await Task.WhenAll(Evaluator.Pieces(indices.Length).Select(piece => Evaluate(job, indices, piece))));
    }

    private Task<MetricSums> Evaluate(EvaluationJob job, int[] indices, Range piece) =>
        lanes.Run(run, LaneWork.Evaluate, (lane, stop) =>
            lane.EngineFor(job.Model, plan.Training, job.Outputs.Task).Evaluate(job, indices.AsSpan(piece), stop),
            cancellation);

    private EvaluationJob JobOf(ParameterVector weights, DataPart data) => new(plan.Model, plan.Outputs, weights, data);

    private static MetricSums Sum(IEnumerable<MetricSums> sums) => sums.Aggregate(MetricSums.Zero, MetricSums.Add);
}
