using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>
/// What an algorithm can do for a node while it has a lane: train, test, look at outputs and gradients.
/// </summary>
/// <remarks>Each call gives the same bits for the same arguments, round and node, on any lane.</remarks>
/// <param name="plan">What the run trains and tests.</param>
/// <param name="lane">The lane, on whose thread everything runs.</param>
/// <param name="node">Rank of the node.</param>
/// <param name="round">Round, from 0.</param>
/// <param name="cancellation">Gives up.</param>
public sealed class Workbench(ITrainingContext plan, Lane lane, int node, int round, CancellationToken cancellation)
{
    private TrainingSettings Settings => plan.TrainingOf(node);

    /// <summary>The samples that the node trains on.</summary>
    public SampleSet Training => plan.Samples(node, round);

    /// <summary>The samples that the node holds out; empty if <c>training.validationFraction</c> is 0.</summary>
    public SampleSet Validation => new(plan.Data.Train, plan.ValidationIndices(node));

    /// <summary>
    /// The samples that all nodes may look at, the same for each; empty if there is no <c>publicSet</c>.
    /// </summary>
    public SampleSet Public => plan.Public;

    /// <summary>
    /// The batches of a training on the node's samples, in order: for algorithms that move several models step by step.
    /// </summary>
    /// <remarks>
    /// Train on one of them with <see cref="Step"/>. The batches are those that <see cref="Train"/> would take.
    /// </remarks>
    /// <param name="order">Purpose of the stream that orders the samples.</param>
    public IEnumerable<SampleSet> Batches(string order = TrainingTask.FirstOrder)
    {
        var smallest = plan.Model.Create().SmallestBatch(plan.Data.Train.Shape);
        var own = Training;
        var batches = new SampleOrder(own.Indices, Settings.BatchSize, smallest, plan.Seeds.Stream(order, node, round));
        for (var steps = batches.StepsOf(Settings); steps > 0; steps--)
            yield return new SampleSet(own.Data, [.. batches.Next()]);
    }

    /// <summary>One step on one batch, with the node's optimiser.</summary>
    /// <param name="task">Where to start, with which local objective and moments.</param>
    /// <param name="batch">The batch.</param>
    public LocalResult Step(TrainingTask task, SampleSet batch)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Train(
            task with { Samples = batch, Settings = (task.Settings ?? Settings) with { Steps = 1, BatchSize = 0 } });
    }

    /// <summary>Trains on the node's samples.</summary>
    /// <param name="task">Where to start, with which local objective.</param>
    /// <exception cref="NotSummableException">The weights diverged.</exception>
    public LocalResult Train(TrainingTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var settings = task.Settings ?? Settings;
        var samples = task.Samples ?? Training;
        task = task with { Objective = plan.Objective(task.Objective, node, round) };
        var result = EngineFor(settings, task.Objective).Train(new LocalJob(
            plan.Model, plan.Outputs, samples.Data, samples.Indices, settings, task.Start,
            task.Objective, task.Optimizer, plan.Seeds.Stream(task.Order, node, round)), cancellation);
        cancellation.ThrowIfCancellationRequested(); // who asked has stopped waiting: the result must not half count
        RequireFinite(result.Weights);
        return task.Objective.Mask is { } mask && mask.Length == plan.Layout.Length
            && plan.Layout.TrainableLength < mask.Length
            ? result with { Weights = KeepBuffers(result.Weights, task.Start, mask) }
            : result;
    }

    /// <summary>Loss and metrics of weights.</summary>
    /// <param name="weights">The weights, buffers included.</param>
    /// <param name="samples">What they are tested on.</param>
    public MetricSums Evaluate(ParameterVector weights, SampleSet samples) =>
        EngineFor(Settings).Evaluate(JobOf(weights, samples), samples.Indices, cancellation);

    /// <summary>The outputs of a model with these weights, sample after sample, each with as many values as it has
    /// outputs.</summary>
    /// <param name="weights">The weights, buffers included.</param>
    /// <param name="samples">What they are tried on.</param>
    public ParameterVector Outputs(ParameterVector weights, SampleSet samples) =>
        EngineFor(Settings).Outputs(JobOf(weights, samples), samples.Indices, cancellation);

    /// <summary>
    /// Gradient of the mean loss over samples; BatchNorm uses its running statistics, and their entries are 0.
    /// </summary>
    /// <param name="weights">The weights, buffers included.</param>
    /// <param name="samples">The samples, at least one.</param>
    public ParameterVector Gradient(ParameterVector weights, SampleSet samples) =>
        EngineFor(Settings).Gradient(JobOf(weights, samples), samples.Indices, cancellation);

    /// <summary>
    /// Inputs that a model is sure of, made up from noise by libtorch; values as networks read them, sample
    /// after sample.
    /// </summary>
    /// <param name="weights">The weights, buffers included.</param>
    /// <param name="settings">How they are made.</param>
    /// <param name="noise">Purpose of the stream that they begin as.</param>
    public ParameterVector InvertedSamples(ParameterVector weights, DeepInversionSettings settings, string noise) =>
        DeepInversionOf(weights).InvertedSamples(settings, plan.Seeds.Stream(noise, node, round));

    /// <summary>
    /// Scores (logits) of weights on samples that are in no dataset, by libtorch; sample after sample, each with one
    /// value a class.
    /// </summary>
    /// <param name="weights">The weights, buffers included.</param>
    /// <param name="inputs">Values as networks read them, sample after sample.</param>
    public ParameterVector OutputsOf(ParameterVector weights, ParameterVector inputs) =>
        DeepInversionOf(weights).Outputs(inputs);

    private DeepInversion DeepInversionOf(ParameterVector weights) =>
        new(lane.Torch, plan.Model, plan.Data.Train.Shape, plan.Data.Outputs, weights, cancellation);

    private EvaluationJob JobOf(ParameterVector weights, SampleSet samples) =>
        new(plan.Model, plan.Outputs, weights, samples.Data);

    private Engine EngineFor(TrainingSettings settings, LocalObjective? objective = null) =>
        lane.EngineFor(plan.Model, objective is { NeedsTorch: true }
            ? settings with { Engine = EngineChoice.Torch }
            : settings, plan.Outputs.Task);

    private ParameterVector KeepBuffers(ParameterVector trained, ParameterVector start, ParameterVector mask)
    {
        var values = FloatPool.CopyOf(trained.Span);
        for (var i = plan.Layout.TrainableLength; i < values.Length; i++)
            if (mask.Span[i] == 0) values[i] = start.Span[i];
        return ParameterVector.Own(values);
    }

    /// <summary>If training diverged, the error names the node that trained, not the server that could not sum its
    /// weights.</summary>
    private void RequireFinite(ParameterVector weights)
    {
        var largest = (float)(1 << 29) / Math.Max(1, plan.TrainIndices(node).Length);
        if (Vectors.FirstNotBelow(weights, largest) is { } value)
            throw new NotSummableException($"The weights of node {node} have diverged: one of them is {value}.");
    }
}
