using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>Trains one node in one round.</summary>
/// <remarks>A batch whose samples do not depend on each other goes in parts where it is too large.</remarks>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed class LayeredTrainer<T> where T : struct, ILanes<T>
{
    private readonly LayeredNetwork<T> _network;
    private readonly LocalJob _job;
    private readonly StepSizes _sizes;
    private readonly LayeredSteps<T> _steps;
    private readonly int _smallest;

    /// <summary>A job on a network's memory.</summary>
    /// <param name="network">The network.</param>
    /// <param name="job">The job, whose model is the network's.</param>
    /// <param name="smallest">Fewest samples of a batch.</param>
    /// <param name="architecture">The network's layers.</param>
    /// <param name="sizes">Samples that go at once.</param>
    public LayeredTrainer(
        LayeredNetwork<T> network, LocalJob job, int smallest, Architecture architecture, StepSizes sizes)
    {
        (_network, _job, _smallest, _sizes) = (network, job, smallest, sizes);
        _steps = new LayeredSteps<T>(network, sizes, job.Settings.Optimizer.Create(), job.Optimizer, job.Objective with
        {
            Anchor = LocalUpdate.AnchorOf(job, network.Layout),
            Shift = LocalUpdate.ShiftOf(job, network.Layout),
            Mask = LocalUpdate.MaskOf(job, network.Layout),
        });
        network.Pass.Draws = new DropoutDraws(architecture, job.Order);
    }

    /// <summary>Trains.</summary>
    /// <param name="cancellation">Looked at before each step.</param>
    public LocalResult Run(CancellationToken cancellation)
    {
        var order = new SampleOrder(_job.Indices, _job.Settings.BatchSize, _smallest, _job.Order);
        var steps = order.StepsOf(_job.Settings);
        _network.Load(_job.Start);
        var metrics = MetricSums.Zero;
        for (var step = 0L; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            metrics += Step(order.Next());
        }
        return new(steps == 0 ? _job.Start : _network.Gather(_network.Weights), _steps.State, metrics, steps);
    }

    private MetricSums Step(ReadOnlySpan<int> samples)
    {
        var part = _sizes.Of(samples.Length);
        _network.Reserve(part);
        _steps.Begin(samples.Length);
        var batch = new LayeredBatch<T>(_network, _job.Outputs.Task, _job.Data);
        for (var from = 0; from < samples.Length; from += part)
            batch.Train(samples.Slice(from, Math.Min(part, samples.Length - from)), _steps.Scale);
        _steps.End();
        return batch.Metrics;
    }
}
