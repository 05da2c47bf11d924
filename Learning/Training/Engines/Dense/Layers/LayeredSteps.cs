using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>The steps of a network, or of a part of one.</summary>
/// <remarks>
/// A step is that of <see cref="LocalUpdate"/>, on numbers in the order of the engine's memory: each moves for itself.
/// Where SGD takes it, linear layers take theirs on the way back, while the gradient is in registers.
/// </remarks>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class LayeredSteps<T> where T : struct, ILanes<T>
{
    private readonly LayeredNetwork<T> _network;
    private readonly StepSizes _sizes;
    private readonly LocalUpdate _update;
    private readonly Padded? _first, _second, _anchor, _shift, _mask;
    private readonly DenseRates? _rates; // of SGD
    private long _steps;
    private int _samples; // of the batch

    /// <summary>Steps on a network's memory.</summary>
    /// <param name="network">The network.</param>
    /// <param name="sizes">Those of the whole network.</param>
    /// <param name="optimizer">The optimiser.</param>
    /// <param name="before">Its moments, of the network's layout.</param>
    /// <param name="objective">What is added to the loss, in vectors of the network's layout.</param>
    public LayeredSteps(LayeredNetwork<T> network, StepSizes sizes, Optimizer optimizer, OptimizerState before,
        LocalObjective objective)
    {
        (_network, _sizes, _steps) = (network, sizes, before.Steps);
        if (optimizer is Sgd sgd)
            _rates = new((float)sgd.Settings.LearningRate, (float)sgd.Settings.Momentum,
                (float)sgd.Settings.WeightDecay, objective.Proximal);
        _first = optimizer.Moments.Count > 0 ? Moment(before.First, "first") : null;
        _second = optimizer.Moments.Count > 1 ? Moment(before.Second, "second") : null;
        _anchor = Term(objective.Proximal == 0 ? null : objective.Anchor, "anchor");
        _shift = Term(objective.Shift, "shift");
        _mask = Term(objective.Mask, "mask");
        _update = new LocalUpdate(optimizer, _steps, objective.Proximal, Trainable(_anchor), Trainable(_shift),
            Trainable(_mask), Trainable(_first), Trainable(_second));
        network.Pass.Training = true;
        network.Pass.Gradient = (nint)network.Vector("gradient").Pointer;
    }

    /// <summary>The moments as they are now.</summary>
    public OptimizerState State => new(_steps, MomentOf(_first), MomentOf(_second));

    /// <summary>Factor of the errors of the batch.</summary>
    public float Scale => (_network.Pass.Use == GradientUse.Plain ? -_rates!.Value.Learning : 1) / _samples;

    private bool Plain => _rates is { Decay: 0 } && (_first ?? _anchor ?? _shift ?? _mask) is null;

    /// <summary>Begins a step.</summary>
    /// <param name="samples">Samples of the batch, in all of its parts.</param>
    public void Begin(int samples)
    {
        (_steps, _samples) = (_steps + 1, samples);
        _update.Begin();
        var pass = _network.Pass;
        pass.Use = _sizes.Of(samples) < samples || _rates is null ? GradientUse.Sum
            : Plain ? GradientUse.Plain : GradientUse.Descend;
        if (_rates is { } rates)
            pass.Descent = new((nint)_network.Weights.Pointer, Address(_first), Address(_anchor), Address(_shift),
                Address(_mask), rates, First: _steps == 1);
        foreach (var (start, length, linear) in _network.Tensors())
            if (!linear || pass.Use == GradientUse.Sum) new Span<float>(pass.GradientAt(start), length).Clear();
    }

    /// <summary>Moves the weights that have not moved on the way back.</summary>
    public void End()
    {
        foreach (var (start, length, linear) in _network.Tensors())
            if (!linear || _network.Pass.Use == GradientUse.Sum) Move(start, length);
    }

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
