using System.Runtime.ExceptionServices;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Batched;

/// <summary>
/// A job of the batched engine under way: its order, its moments, and in the end its result or what went wrong.
/// </summary>
internal sealed class BatchedClient
{
    private readonly CancellationToken _cancellation;
    private readonly LocalUpdate _update;
    private readonly SampleOrder _order;
    private readonly long _steps;
    private LocalResult? _result;
    private MetricSums _metrics;
    private long _step;

    /// <summary>A job before its first step.</summary>
    /// <param name="job">The job.</param>
    /// <param name="layout">The layout of its model.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    public BatchedClient(LocalJob job, ParameterLayout layout, CancellationToken cancellation)
    {
        if (job.Start.Length != layout.Length)
            throw new ArgumentException($"The model holds {layout.Length} values, not {job.Start.Length}.",
                nameof(job));
        (Job, _cancellation) = (job, cancellation);
        _update = new LocalUpdate(job, layout);
        _order = new SampleOrder(job.Indices, job.Settings.BatchSize, smallest: 1, job.Order);
        _steps = _order.StepsOf(job.Settings);
    }

    /// <summary>The job.</summary>
    public LocalJob Job { get; }

    /// <summary>Its network among those that train now.</summary>
    public int Node { get; set; }

    /// <summary>
    /// Samples of the step that is next; empty before the first <see cref="Advance"/> and after the last.
    /// </summary>
    public int[] Batch { get; private set; } = [];

    /// <summary>Why there is no result; null if there is one or will be.</summary>
    public Exception? Error { get; set; }

    /// <summary>The result of the job.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public LocalResult Result
    {
        get
        {
            if (Error is not null) ExceptionDispatchInfo.Throw(Error);
            return _result ?? throw new InvalidOperationException("The job has not ended.");
        }
    }

    private bool Ended => Error is not null || _step == _steps;

    /// <summary>Goes on to the next step; false if there is none, or the caller has given up.</summary>
    public bool Advance()
    {
        Batch = [];
        if (!Ended && _cancellation.IsCancellationRequested) Error = new OperationCanceledException(_cancellation);
        if (Ended) return false;
        Batch = [.. _order.Next()];
        return true;
    }

    /// <summary>Begins the step that <see cref="Batch"/> is of.</summary>
    /// <param name="metrics">Loss and metrics of the batch.</param>
    public void Begin(MetricSums metrics)
    {
        _update.Begin();
        _metrics += metrics;
        _step++;
    }

    /// <summary>Takes the step on one slice.</summary>
    /// <param name="network">The networks.</param>
    /// <param name="slice">Index of the slice.</param>
    /// <param name="gradient">Gradient of this job's slice, filled up; overwritten.</param>
    public void Descend(BatchedNetwork network, int slice, Span<float> gradient)
    {
        foreach (var part in network.Parts(slice))
            _update.Apply(network.Values(Node, part), gradient.Slice(part.Start, part.Length), part.Offset);
    }

    /// <summary>Sets the result once there is no further step.</summary>
    /// <param name="network">The networks.</param>
    public void End(BatchedNetwork network)
    {
        if (Error is null) _result = new(_steps == 0 ? Job.Start : network.Read(Node), _update.State, _metrics, _steps);
    }
}
