using System.Runtime.InteropServices;
using Orleans.FL.Learning.Metrics;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training;

/// <summary>Trains one node in one round with libtorch.</summary>
/// <remarks>
/// Minibatch descent on the mean cross-entropy of a batch, plus the algorithm's terms. One forward pass a batch gives
/// gradient, loss and accuracy alike. The result depends on the job alone: equal jobs give equal bits on any lane of a
/// kind of processor.
/// </remarks>
public sealed class LocalTrainer
{
    private readonly Lane _lane;
    private readonly ModelInstance _instance;
    private readonly LocalJob _job;
    private readonly LocalUpdate _update;
    private readonly OtherModels? _others;

    private LocalTrainer(Lane lane, LocalJob job)
    {
        (_lane, _job) = (lane, job);
        _instance = lane.Instance(job.Model, job.Data.Shape, job.Classes);
        _update = new LocalUpdate(job, _instance.Layout);
        _others = job.Terms.NeedTorch ? new OtherModels(lane, job, _instance) : null;
    }

    /// <summary>Trains; synchronous, on the lane's thread.</summary>
    /// <param name="lane">The lane that the caller runs on.</param>
    /// <param name="job">What to train.</param>
    /// <param name="cancellation">Looked at before each step; the job's results are then lost.</param>
    /// <returns>Weights and moments in memory of their own. Without samples no step is taken and the weights are the start's.</returns>
    public static LocalResult Train(Lane lane, LocalJob job, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lane);
        ArgumentNullException.ThrowIfNull(job);
        return new LocalTrainer(lane, job).Run(cancellation);
    }

    private LocalResult Run(CancellationToken cancellation)
    {
        var smallest = _instance.Model.SmallestBatch(_job.Data.Shape);
        var order = new SampleOrder(_job.Indices, _job.Settings.BatchSize, smallest, _job.Order);
        var steps = order.StepsOf(_job.Settings);
        _instance.Load(_job.Start);
        _instance.Touch();
        _instance.ForgetGradients();
        _instance.Network.train();
        var metrics = MetricSum.Zero;
        for (var step = 0L; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            metrics += Step(order.Next());
        }
        return new(_instance.Read(), _update.State, metrics, steps);
    }

    private MetricSum Step(ReadOnlySpan<int> samples)
    {
        using var scope = NewDisposeScope();
        var (pixels, labels) = _lane.Gather(_job.Data, samples);
        var logits = _instance.Network.call(pixels);                 // (n, classes)
        var loss = nn.functional.cross_entropy(logits, labels);      // ()
        (_others?.AddTo(loss, _instance, pixels, logits) ?? loss).backward();
        _update.Begin();
        for (var k = 0; k < _instance.Parameters.Count; k++) Descend(k);
        _instance.UploadTrainable();
        return BatchScore.Of(logits, _lane.Batch.Labels[..samples.Length], loss);
    }

    /// <summary>Moves one parameter by its gradient, in place, and drops the gradient.</summary>
    private void Descend(int index)
    {
        var parameter = _instance.Parameters[index];
        using var computed = parameter.grad;
        if (computed is null) return;
        using var gradient = _instance.Device.Mirrored ? computed.cpu() : null;
        var offset = _instance.Layout.Slices[index].Offset;
        _update.Apply(_instance.Values(index), MemoryMarshal.Cast<byte, float>((gradient ?? computed).bytes), offset);
        parameter.grad = null;
    }
}
