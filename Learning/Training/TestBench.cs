using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training;

/// <summary>Tests the models of one run on the lanes; nodes that hold the very same vector share one test.</summary>
/// <param name="plan">The run's plan.</param>
/// <param name="lanes">Where tests run; a large one is cut into pieces that several lanes share.</param>
/// <param name="run">Run id, for the lanes' fairness.</param>
/// <param name="cancellation">Ends with the run; a shared test is not its first caller's to cancel.</param>
public sealed class TestBench(Plan plan, TrainingLanes lanes, string run, CancellationToken cancellation)
{
    private readonly ConditionalWeakTable<ParameterVector, Lazy<Task<MetricSum>>> _tests = [];

    /// <summary>Loss and accuracy on the global test samples.</summary>
    /// <param name="weights">The model's weights.</param>
    public Task<MetricSum> Test(ParameterVector weights) =>
        _tests.GetValue(weights, w => new Lazy<Task<MetricSum>>(() => Evaluate(w, plan.Data.Test, plan.TestIndices))).Value;

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

    private async Task<MetricSum> Evaluate(ParameterVector weights, Datasets.ImageSet data, int[] indices)
    {
        var experiment = plan.Experiment;
        var job = new EvaluationJob(experiment.Model, plan.Data.Classes, weights, data);
        var pieces = await Task.WhenAll(Evaluator.Pieces(indices.Length).Select(piece => lanes.Run(run, (lane, stop) =>
            lane.EngineFor(experiment.Model, experiment.Training).Evaluate(job, indices.AsSpan(piece), stop), cancellation)));
        return pieces.Aggregate(MetricSum.Zero, MetricSum.Add);
    }
}
