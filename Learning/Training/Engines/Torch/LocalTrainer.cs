using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Jobs;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>Trains one node in one round with libtorch.</summary>
/// <remarks>
/// Minibatch descent on the mean loss of a batch, plus the algorithm's local objective. One forward pass a batch gives
/// gradient, loss and metrics alike. The result depends on the job alone: equal jobs give equal bits on any lane of a
/// kind of processor.
/// </remarks>
public sealed class LocalTrainer
{
    private readonly TorchWorkspace _workspace;
    private readonly ModelInstance _instance;
    private readonly LocalJob _job;
    private readonly LocalUpdate _update;
    private readonly OtherModels? _others;

    private LocalTrainer(TorchWorkspace workspace, LocalJob job)
    {
        (_workspace, _job) = (workspace, job);
        _instance = workspace.Instance(job.Model, job.Data.Shape, job.Outputs.Count, precision: job.Settings.Precision);
        _update = new LocalUpdate(job, _instance.Layout);
        _others = job.Objective.NeedsTorch ? new OtherModels(workspace, job, _instance) : null;
        var draws = new DropoutDraws(_instance.Model.Architecture, job.Order);
        foreach (var (i, dropout) in _instance.Network.modules().OfType<DropoutModule>().Index())
            dropout.Draw = factors => draws.Draw(i, factors);
    }

    /// <summary>Trains; synchronous, on the lane's thread.</summary>
    /// <param name="workspace">That of the lane on which the caller runs.</param>
    /// <param name="job">What to train.</param>
    /// <param name="cancellation">Looked at before each step; the job's results are then lost.</param>
    /// <returns>Weights and moments in memory of their own. Without samples no step is taken, and the weights are the
    /// very vector of the start.</returns>
    public static LocalResult Train(TorchWorkspace workspace, LocalJob job, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(job);
        return new LocalTrainer(workspace, job).Run(cancellation);
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
        var metrics = MetricSums.Zero;
        for (var step = 0L; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            metrics += Step(order.Next());
        }
        return new(steps == 0 ? _job.Start : _instance.Read(), _update.State, metrics, steps);
    }

    private MetricSums Step(ReadOnlySpan<int> samples)
    {
        using var scope = NewDisposeScope();
        var (inputs, targets) = _workspace.Gather(_job.Data, samples);
        var outputs = Forward(inputs);                               // (n, outputs)
        var loss = _job.Outputs.Task.Loss(outputs, targets);         // ()
        (_others?.AddTo(loss, _instance, inputs, outputs) ?? loss).backward();
        _update.Begin();
        for (var k = 0; k < _instance.Parameters.Count; k++) _instance.Descend(k, _update);
        _instance.UploadTrainable();
        return BatchScore.Of(_job.Outputs.Task, outputs, _job.Data.Targets, samples, loss);
    }

    /// <summary>
    /// Outputs of a batch in float32, (n, outputs), by way of the numbers and the memory that the settings ask for.
    /// </summary>
    private Tensor Forward(Tensor inputs)
    {
        if (_job.Settings.Precision == TensorFormat.BFloat16) inputs = inputs.to(ScalarType.BFloat16);
        if (_job.Settings.MemoryFormat == TensorFormat.ChannelsLast) inputs = ChannelsLast(inputs);
        return _instance.Network.call(inputs).to(ScalarType.Float32);
    }

    /// <summary>
    /// The same images, pixel after pixel. Strides are said outright: where there is one channel, a permutation would
    /// leave those that mean the opposite.
    /// </summary>
    private static Tensor ChannelsLast(Tensor images)
    {
        var (n, c, h, w) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3]);
        var pixels = images.permute(0, 2, 3, 1).contiguous();        // (n, h, w, c)
        return pixels.as_strided([n, c, h, w], [h * w * c, 1, w * c, c], pixels.storage_offset());
    }
}
