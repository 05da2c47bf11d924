using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Batched;

/// <summary>
/// The engine that trains several nodes in one call of libtorch each layer; it tests as libtorch's own engine does.
/// </summary>
/// <remarks>
/// What is trained together is what the lane was given together: see <see cref="IClientBatch"/>. A job has the same
/// bits in any client batch, in any place of it, and alone: see <see cref="BatchedNetwork"/>.
/// </remarks>
/// <param name="workspace">That of the lane.</param>
/// <param name="torch">Tests the models.</param>
/// <param name="together">The jobs that the lane does side by side now; null if there is one at most.</param>
internal sealed class BatchedEngine(TorchWorkspace workspace, TorchEngine torch, Func<IClientBatch?> together) : Engine
{
    private const int Capacity = 2;

    private readonly List<(Component<Model> Model, SampleShape Input, int Outputs, BatchedNetwork Network)> _networks =
        [];

    /// <inheritdoc/>
    public override LocalResult Train(LocalJob job, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (EngineChoice.BatchedRefusal(job.Model, job.Settings) is { } refusal) throw new ExperimentException(refusal);
        if (job.Objective.NeedsTorch)
            throw new ArgumentException("The batched engine knows no local objective that compares models.",
                nameof(job));
        var client = new BatchedClient(job, ParameterLayouts.LayoutOf(job.Model, job.Data.Shape, job.Outputs.Count),
            cancellation);
        if (together() is { } clientBatch) clientBatch.Await(client);
        else Train([client]);
        return client.Result;
    }

    /// <summary>Trains jobs side by side, on the lane's own thread; each has a result or an error then.</summary>
    /// <param name="jobs">The jobs; those of different models or datasets do not share calls.</param>
    public void Train(IReadOnlyList<BatchedClient> jobs)
    {
        TorchWorkspace.PrepareThread();
        foreach (var alike in jobs.GroupBy(t => (t.Job.Model, t.Job.Outputs, t.Job.Data)))
        {
            try
            {
                var (model, outputs, data) = alike.Key;
                new BatchedTrainer(workspace, Network(model, data.Shape, outputs.Count), outputs.Task, data)
                    .Train([.. alike]);
            }
#pragma warning disable CA1031 // Whatever goes wrong belongs to the jobs' callers; the lane lives on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                foreach (var job in alike) job.Error ??= e;
            }
        }
    }

    /// <inheritdoc/>
    public override MetricSums Evaluate(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default) =>
        torch.Evaluate(job, indices, cancellation);

    /// <inheritdoc/>
    public override ParameterVector Outputs(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default) =>
        torch.Outputs(job, indices, cancellation);

    /// <inheritdoc/>
    public override ParameterVector Gradient(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default) =>
        torch.Gradient(job, indices, cancellation);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var entry in _networks) entry.Network.Dispose();
        _networks.Clear();
        base.Dispose(disposing);
    }

    private BatchedNetwork Network(Component<Model> model, SampleShape input, int outputs)
    {
        var at = _networks.FindIndex(n => n.Outputs == outputs && n.Input == input && n.Model == model);
        if (at >= 0) return _networks[at].Network;
        if (_networks.Count == Capacity)
        {
            _networks[0].Network.Dispose();
            _networks.RemoveAt(0);
        }
        var stack = model.Create().Stack
            ?? throw new InvalidOperationException($"The model {model.Name} is no stack of layers.");
        var network = new BatchedNetwork(stack, ParameterLayouts.LayoutOf(model, input, outputs), input, outputs,
            workspace.Device);
        _networks.Add((model, input, outputs, network));
        return network;
    }
}
