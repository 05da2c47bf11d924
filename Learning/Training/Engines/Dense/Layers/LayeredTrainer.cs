using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>Trains one node in one round.</summary>
/// <remarks>
/// A batch whose samples do not depend on each other is worked through in parts where it is too large. The step is that
/// of <see cref="LocalUpdate"/>, on numbers in the order of the engine's memory: each moves for itself.
/// </remarks>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class LayeredTrainer<T> where T : struct, ILanes<T>
{
    private readonly LayeredNetwork<T> _network;
    private readonly LocalJob _job;
    private readonly LocalUpdate _update;
    private readonly Padded? _first, _second, _anchor, _shift, _mask;
    private readonly DenseRates? _rates; // of SGD
    private readonly int _smallest;
    private long _steps;

    /// <summary>A job on a network's memory.</summary>
    /// <param name="network">The network.</param>
    /// <param name="job">The job, whose model is the network's.</param>
    /// <param name="smallest">Fewest samples of a batch.</param>
    /// <param name="architecture">The network's layers.</param>
    public LayeredTrainer(LayeredNetwork<T> network, LocalJob job, int smallest, Architecture architecture)
    {
        (_network, _job, _smallest, _steps) = (network, job, smallest, job.Optimizer.Steps);
        var optimizer = job.Settings.Optimizer.Create();
        if (optimizer is Sgd sgd)
            _rates = new((float)sgd.Settings.LearningRate, (float)sgd.Settings.Momentum,
                (float)sgd.Settings.WeightDecay, job.Objective.Proximal);
        _first = optimizer.Moments.Count > 0 ? Moment(job.Optimizer.First, "first") : null;
        _second = optimizer.Moments.Count > 1 ? Moment(job.Optimizer.Second, "second") : null;
        _anchor = Term(LocalUpdate.AnchorOf(job, network.Layout), "anchor");
        _shift = Term(LocalUpdate.ShiftOf(job, network.Layout), "shift");
        _mask = Term(LocalUpdate.MaskOf(job, network.Layout), "mask");
        _update = new LocalUpdate(optimizer, _steps, job.Objective.Proximal, Trainable(_anchor), Trainable(_shift),
            Trainable(_mask), Trainable(_first), Trainable(_second));
        network.Pass.Draws = new DropoutDraws(architecture, job.Order);
        network.Pass.Training = true;
        network.Pass.Gradient = (nint)network.Vector("gradient").Pointer;
    }

    private bool Plain => _rates is { Decay: 0 } && (_first ?? _anchor ?? _shift ?? _mask) is null;

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
        return new(steps == 0 ? _job.Start : _network.Gather(_network.Weights),
            new(_steps, MomentOf(_first), MomentOf(_second)), metrics, steps);
    }

    private MetricSums Step(ReadOnlySpan<int> samples)
    {
        _steps++;
        _update.Begin();
        var part = _network.WholeBatch ? samples.Length : Math.Min(samples.Length, _network.MostRows);
        var whole = part == samples.Length;
        var pass = _network.Pass;
        pass.Use = !whole || _rates is null ? GradientUse.Sum : Plain ? GradientUse.Plain : GradientUse.Descend;
        if (_rates is not null) pass.Descent = Descent();
        foreach (var (start, length, linear) in _network.Tensors())
            if (!linear || pass.Use == GradientUse.Sum) new Span<float>(pass.GradientAt(start), length).Clear();
        var batch = new LayeredBatch<T>(_network, _job.Outputs.Task, _job.Data);
        _network.Reserve(part);
        for (var from = 0; from < samples.Length; from += part)
            batch.Train(samples.Slice(from, Math.Min(part, samples.Length - from)),
                (pass.Use == GradientUse.Plain ? -_rates!.Value.Learning : 1) / samples.Length);
        foreach (var (start, length, linear) in _network.Tensors())
            if (!linear || pass.Use == GradientUse.Sum) Move(start, length);
        return batch.Metrics;
    }

    /// <summary>Moves weights by their gradient.</summary>
    private void Move(int start, int length)
    {
        var pass = _network.Pass;
        float* weights = pass.WeightAt(start), gradient = pass.GradientAt(start);
        if (pass.Use == GradientUse.Plain)
            for (nint i = 0; i < length; i += T.Count) (T.Load(weights + i) + T.Load(gradient + i)).Store(weights + i);
        else if (_rates is null) _update.Apply(new(weights, length), new(gradient, length), start);
        else
            for (nint i = 0; i < length; i += T.Count) pass.Descent.End(T.Load(gradient + i), start + i);
    }

    private Descending<T> Descent() => new((nint)_network.Weights.Pointer, Address(_first), Address(_anchor),
        Address(_shift), Address(_mask), _rates!.Value, First: _steps == 1); // asked for with SGD only

    private ParameterVector? MomentOf(Padded? memory) =>
        memory is null ? null : _network.Gather(memory, trainable: true);

    private Padded Moment(ParameterVector? before, string name)
    {
        var memory = _network.Vector(name);
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

    private Memory<float> Trainable(Padded? memory) => memory is null ? default : memory.Memory[.._network.Trainable];

    private static nint Address(Padded? memory) => memory is null ? 0 : (nint)memory.Pointer;
}
