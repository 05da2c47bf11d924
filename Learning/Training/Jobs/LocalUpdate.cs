using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>The steps of one job: the algorithm's local objective and the optimiser, in one pass over each
/// slice.</summary>
/// <remarks>With a local objective, a slice is processed in blocks that stay in the first-level cache between the
/// two.</remarks>
internal sealed class LocalUpdate
{
    private const int Block = 2048;

    private readonly Optimizer _optimizer;
    private readonly ReadOnlyMemory<float> _anchor, _shift, _mask; // empty for none
    private readonly float _proximal;
    private readonly Memory<float> _first, _second;
    private readonly float[]? _ownFirst, _ownSecond;
    private long _steps;

    /// <summary>The steps of a job, from the moments that it brings.</summary>
    public LocalUpdate(LocalJob job, ParameterLayout layout) : this(job.Settings, job.Optimizer, layout)
    {
        _proximal = job.Objective.Proximal;
        _anchor = MemoryOf(AnchorOf(job, layout));
        _shift = MemoryOf(ShiftOf(job, layout));
        _mask = MemoryOf(MaskOf(job, layout));
    }

    /// <summary>The steps of a job whose numbers lie in memory of somebody else, in any order.</summary>
    public LocalUpdate(Optimizer optimizer, long steps, float proximal, ReadOnlyMemory<float> anchor,
        ReadOnlyMemory<float> shift, ReadOnlyMemory<float> mask, Memory<float> first, Memory<float> second)
    {
        (_optimizer, _steps, _proximal) = (optimizer, steps, proximal);
        (_anchor, _shift, _mask, _first, _second) = (anchor, shift, mask, first, second);
    }

    /// <summary>The steps of an optimiser without a local objective.</summary>
    public LocalUpdate(TrainingSettings settings, OptimizerState before, ParameterLayout layout)
    {
        _optimizer = settings.Optimizer.Create();
        _steps = before.Steps;
        var moments = _optimizer.Moments.Count;
        _first = _ownFirst = moments > 0 ? Moment(before.First, layout) : null;
        _second = _ownSecond = moments > 1 ? Moment(before.Second, layout) : null;
    }

    /// <summary>The moments as they are now; ends this object's use, for the vectors own its memory.</summary>
    public OptimizerState State => new(_steps, Own(_ownFirst), Own(_ownSecond));

    /// <summary>The vector that a job's proximal term pulls to; null without such a term.</summary>
    public static ParameterVector? AnchorOf(LocalJob job, ParameterLayout layout) => job.Objective.Proximal == 0
        ? null
        : Checked(job.Objective.Anchor, "anchor", layout)
            ?? throw new ArgumentException("A proximal term needs an anchor.", nameof(job));

    /// <summary>The vector that is added to a job's gradients; null for none.</summary>
    public static ParameterVector? ShiftOf(LocalJob job, ParameterLayout layout) =>
        Checked(job.Objective.Shift, "shift", layout);

    /// <summary>The vector that says which values move; null if all do.</summary>
    public static ParameterVector? MaskOf(LocalJob job, ParameterLayout layout) =>
        Checked(job.Objective.Mask, "mask", layout);

    /// <summary>A moment from the round before, if it is one of such a model.</summary>
    public static ParameterVector MomentOf(ParameterVector before, ParameterLayout layout) =>
        before.Length == layout.TrainableLength
            ? before
            : throw new ArgumentException($"A moment has {before.Length} values, not {layout.TrainableLength}.");

    /// <summary>Begins a step.</summary>
    public void Begin() => _steps++;

    /// <summary>Takes the step on one slice.</summary>
    /// <param name="weights">Weights of the slice; changed.</param>
    /// <param name="gradient">Gradient of the task's loss; overwritten.</param>
    /// <param name="offset">Index of the slice in the vectors.</param>
    public void Apply(Span<float> weights, Span<float> gradient, int offset)
    {
        var mask = _mask.IsEmpty ? [] : _mask.Span.Slice(offset, weights.Length);
        if (mask.Length > 0 && !mask.ContainsAnyExcept(0f)) return;
        if (!mask.ContainsAnyExcept(1f)) mask = [];
        var block = _anchor.IsEmpty && _shift.IsEmpty && mask.IsEmpty ? weights.Length : Block;
        for (var from = 0; from < weights.Length; from += block)
        {
            var count = Math.Min(block, weights.Length - from);
            var w = weights.Slice(from, count);
            var g = gradient.Slice(from, count);
            if (!_anchor.IsEmpty) Pull(w, g, _anchor.Span.Slice(offset + from, count), _proximal);
            if (!_shift.IsEmpty) Add(g, _shift.Span.Slice(offset + from, count));
            var first = Part(_first, offset + from, count);
            var second = Part(_second, offset + from, count);
            if (mask.IsEmpty) _optimizer.Step(w, g, first, second, _steps);
            else StepMasked(mask.Slice(from, count), w, g, first, second);
        }
    }

    /// <summary>A step that leaves weights and moments as they were where the mask is 0.</summary>
    private void StepMasked(
        ReadOnlySpan<float> mask, Span<float> weights, Span<float> gradient, Span<float> first, Span<float> second)
    {
        Span<float> before = stackalloc float[3 * Block];
        weights.CopyTo(before);
        first.CopyTo(before[Block..]);
        second.CopyTo(before[(2 * Block)..]);
        _optimizer.Step(weights, gradient, first, second, _steps);
        for (var i = 0; i < mask.Length; i++)
        {
            if (mask[i] != 0) continue;
            weights[i] = before[i];
            if (!first.IsEmpty) first[i] = before[Block + i];
            if (!second.IsEmpty) second[i] = before[2 * Block + i];
        }
    }

    /// <summary>g ← g + μ(w − a).</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Pull(ReadOnlySpan<float> weights, Span<float> gradient, ReadOnlySpan<float> anchor, float mu)
    {
        var factor = Vector512.Create(mu);
        for (var i = 0; i < weights.Length; i += Wide.Width)
        {
            var distance = Wide.Load(weights, i) - Wide.Load(anchor, i);
            Wide.Store(Vector512.FusedMultiplyAdd(distance, factor, Wide.Load(gradient, i)), gradient, i);
        }
    }

    /// <summary>g ← g + s.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Add(Span<float> gradient, ReadOnlySpan<float> shift)
    {
        for (var i = 0; i < gradient.Length; i += Wide.Width)
            Wide.Store(Wide.Load(gradient, i) + Wide.Load(shift, i), gradient, i);
    }

    private static Span<float> Part(Memory<float> values, int offset, int count) =>
        values.IsEmpty ? [] : values.Span.Slice(offset, count);

    private static ReadOnlyMemory<float> MemoryOf(ParameterVector? vector) => vector?.Memory ?? default;

    private static ParameterVector? Own(float[]? values) => values is null ? null : ParameterVector.Own(values);

    private static float[] Moment(ParameterVector? before, ParameterLayout layout)
    {
        if (before is not null) return FloatPool.CopyOf(MomentOf(before, layout).Span);
        var zeros = FloatPool.Of(layout.TrainableLength);
        Array.Clear(zeros);
        return zeros;
    }

    private static ParameterVector? Checked(ParameterVector? term, string name, ParameterLayout layout) =>
        term is null || term.Length == layout.Length || term.Length == layout.TrainableLength ? term
            : throw new ArgumentException(
                $"The {name} has {term.Length} values, not {layout.Length} or {layout.TrainableLength}.");
}
