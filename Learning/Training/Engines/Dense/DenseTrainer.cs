using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense;

/// <summary>Trains one node in one round.</summary>
/// <typeparam name="TLanes">Registers to use.</typeparam>
internal sealed unsafe class DenseTrainer<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private readonly DenseNetwork _network;
    private readonly LocalJob _job;
    private readonly DenseRates _rates;
    private readonly Padded? _momentum, _anchor, _shift, _mask;
    private long _steps;

    /// <summary>A job on a network's memory.</summary>
    /// <param name="network">The network.</param>
    /// <param name="job">The job, whose model is the network's and whose optimiser is SGD.</param>
    public DenseTrainer(DenseNetwork network, LocalJob job)
    {
        (_network, _job) = (network, job);
        var sgd = ((Sgd)job.Settings.Optimizer.Create()).Settings;
        _rates = new((float)sgd.LearningRate, (float)sgd.Momentum, (float)sgd.WeightDecay, job.Objective.Proximal);
        _steps = job.Optimizer.Steps;
        _momentum = sgd.Momentum > 0 ? Momentum(job.Optimizer.First) : null;
        _anchor = Term(LocalUpdate.AnchorOf(job, network.Layout), "anchor");
        _shift = Term(LocalUpdate.ShiftOf(job, network.Layout), "shift");
        _mask = Term(LocalUpdate.MaskOf(job, network.Layout), "mask");
    }

    private bool Plain => _momentum is null && _anchor is null && _shift is null && _mask is null && _rates.Decay == 0;

    /// <summary>Trains.</summary>
    /// <param name="cancellation">Looked at before each step.</param>
    public LocalResult Run(CancellationToken cancellation)
    {
        var order = new SampleOrder(_job.Indices, _job.Settings.BatchSize, smallest: 1, _job.Order);
        var steps = order.StepsOf(_job.Settings);
        _network.Load(_job.Start);
        var metrics = MetricSums.Zero;
        for (var step = 0L; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            metrics += Step(order.Next());
        }
        var momentum = _momentum is null ? null : _network.Gather(_momentum);
        return new(steps == 0 ? _job.Start : _network.Gather(_network.Weights), new(_steps, momentum, null),
            metrics, steps);
    }

    private MetricSums Step(ReadOnlySpan<int> samples)
    {
        _steps++;
        _network.Reserve(Math.Min(DenseNetwork.Rows, samples.Length));
        return samples.Length > DenseNetwork.Rows ? LargeStep(samples) : SmallStep(samples);
    }

    /// <summary>The gradient is used as it comes.</summary>
    private MetricSums SmallStep(ReadOnlySpan<int> samples)
    {
        var batch = NewBatch();
        batch.Forward(samples);
        batch.Score((Plain ? -_rates.Learning : 1) / samples.Length);
        if (Plain) batch.Backward<TLanes, Adding<TLanes>>(new((nint)_network.Weights.Pointer));
        else batch.Backward<TLanes, Descending<TLanes>>(Descent());
        return batch.Metrics;
    }

    /// <summary>The gradient is summed over the parts of the batch before the weights move.</summary>
    private MetricSums LargeStep(ReadOnlySpan<int> samples)
    {
        var gradient = _network.Vector("gradient");
        gradient.Span.Clear();
        var batch = NewBatch();
        for (var from = 0; from < samples.Length; from += DenseNetwork.Rows)
        {
            batch.Forward(samples.Slice(from, Math.Min(DenseNetwork.Rows, samples.Length - from)));
            batch.Score(1f / samples.Length);
            batch.Backward<TLanes, Adding<TLanes>>(new((nint)gradient.Pointer));
        }
        var descent = Descent();
        for (nint i = 0; i < gradient.Length; i += TLanes.Count) descent.End(TLanes.Load(gradient.Pointer + i), i);
        return batch.Metrics;
    }

    private DenseBatch NewBatch() => new(_network, _job.Outputs.Task, _job.Data, TLanes.Count == WideLanes.Count);

    private Descending<TLanes> Descent() => new((nint)_network.Weights.Pointer, Address(_momentum), Address(_anchor),
        Address(_shift), Address(_mask), _rates, First: _steps == 1);

    private Padded Momentum(ParameterVector? before)
    {
        var memory = _network.Vector("momentum");
        if (before is null) memory.Span.Clear();
        else _network.Spread(LocalUpdate.MomentOf(before, _network.Layout), memory);
        return memory;
    }

    private Padded? Term(ParameterVector? term, string name)
    {
        if (term is null) return null;
        _network.Spread(term, _network.Vector(name));
        return _network.Vector(name);
    }

    private static nint Address(Padded? memory) => memory is null ? 0 : (nint)memory.Pointer;
}
