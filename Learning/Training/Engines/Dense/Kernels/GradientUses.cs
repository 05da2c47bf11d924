using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>What becomes of a gradient while it is still in registers.</summary>
/// <typeparam name="TLanes">Registers to use.</typeparam>
internal interface IGradientUse<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>What the sum over the batch begins with.</summary>
    /// <param name="offset">Index of the first of the values in the network's memory.</param>
    TLanes Begin(nint offset);

    /// <summary>Takes the sum.</summary>
    /// <param name="sum">The sum over the batch.</param>
    /// <param name="offset">Index of the first of the values in the network's memory.</param>
    void End(TLanes sum, nint offset);
}

/// <summary>
/// Adds the gradient, which the errors have scaled, to what is there: to weights, or to a sum over parts of a batch.
/// </summary>
/// <param name="Values">What it is added to.</param>
internal readonly unsafe record struct Adding<TLanes>(nint Values) : IGradientUse<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Begin(nint offset) => TLanes.Load((float*)Values + offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End(TLanes sum, nint offset) => sum.Store((float*)Values + offset);
}

/// <summary>
/// A step of SGD with all that may be added to the gradient, in the order that <see cref="LocalUpdate"/> has.
/// </summary>
/// <remarks>
/// g ← g + μ(w − a); g ← g + s; g ← g + λw; m ← βm + g; w ← w − ηm. Absent vectors are 0; where the mask is 0,
/// m and w stay.
/// </remarks>
/// <param name="Weights">w.</param>
/// <param name="Momentum">m; 0 for plain descent.</param>
/// <param name="Anchor">a; 0 without a proximal term.</param>
/// <param name="Shift">s; 0 for none.</param>
/// <param name="Mask">1 where weights move, 0 where they stay; 0 if all move.</param>
/// <param name="Rates">η, β, λ, μ.</param>
/// <param name="First">Whether this is the first step, whose gradient is the momentum.</param>
internal readonly unsafe record struct Descending<TLanes>(nint Weights, nint Momentum, nint Anchor, nint Shift,
    nint Mask, DenseRates Rates, bool First) : IGradientUse<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Begin(nint offset) => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void End(TLanes sum, nint offset)
    {
        var (w, g) = (TLanes.Load((float*)Weights + offset), sum);
        if (Anchor != 0)
            g = TLanes.MultiplyAdd(w - TLanes.Load((float*)Anchor + offset), TLanes.All(Rates.Proximal), g);
        if (Shift != 0) g += TLanes.Load((float*)Shift + offset);
        if (Rates.Decay > 0) g = TLanes.MultiplyAdd(w, TLanes.All(Rates.Decay), g);
        if (Momentum != 0)
        {
            var before = TLanes.Load((float*)Momentum + offset);
            if (!First) g = before * TLanes.All(Rates.Momentum) + g;
            (Mask == 0 ? g : Masked(g, before, offset)).Store((float*)Momentum + offset);
        }
        if (Mask != 0) g = Masked(g, default, offset);
        TLanes.MultiplyAdd(g, TLanes.All(-Rates.Learning), w).Store((float*)Weights + offset);
    }

    /// <summary>What moves where the mask is 1, what stays where it is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TLanes Masked(TLanes moving, TLanes staying, nint offset)
    {
        var mask = TLanes.Load((float*)Mask + offset);
        return TLanes.MultiplyAdd(moving, mask, staying * (TLanes.All(1) - mask));
    }
}

/// <summary>The numbers of a step.</summary>
/// <param name="Learning">η, the learning rate.</param>
/// <param name="Momentum">β, the share of the last direction that is kept.</param>
/// <param name="Decay">λ, the factor of the weights that is added to the gradient.</param>
/// <param name="Proximal">μ, the pull to the anchor.</param>
internal readonly record struct DenseRates(float Learning, float Momentum, float Decay, float Proximal);
