using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>Places of a norm's numbers among the weights.</summary>
/// <param name="Factors">γ.</param>
/// <param name="Offsets">β.</param>
/// <param name="Mean">The running mean; below 0 for none.</param>
/// <param name="Variance">The running variance; below 0 for none.</param>
internal readonly record struct NormPlaces(int Factors, int Offsets, int Mean = -1, int Variance = -1);

/// <summary>What norms share: the sum of a shortcut may be added behind them, and ReLU may follow.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal abstract unsafe class NormOperation<T> : Operation<T> where T : struct, ILanes<T>
{
    private readonly bool _rectify;

    /// <summary>A norm.</summary>
    /// <param name="input">What it takes in.</param>
    /// <param name="output">What it gives.</param>
    /// <param name="added">What is added behind it; null for nothing.</param>
    /// <param name="rectify">Whether ReLU follows.</param>
    /// <param name="places">Its numbers among the weights.</param>
    protected NormOperation(Value input, Value output, Value? added, bool rectify, NormPlaces places)
        : base(input, output)
    {
        (Added, _rectify, Places) = (added, rectify, places);
        input.Kept = true;
        output.Kept |= rectify;
    }

    /// <inheritdoc/>
    public override Value? Added { get; }

    /// <summary>Its numbers among the weights.</summary>
    protected NormPlaces Places { get; }

    /// <summary>y ← a·x + b for a sample, and what comes behind.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="scale">a and then b, of each channel.</param>
    protected void Apply(int sample, float* scale)
    {
        var (x, y) = (Input.Maps, Output.Maps);
        var added = Added?.Maps ?? default;
        NormKernel.Apply<T>(x.First(sample), x, Added is null ? null : added.First(sample), added,
            y.First(sample), y, scale, scale + y.Channels, _rectify);
    }

    /// <summary>Sums of a sample's errors, and of those times what was centred.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="centre">What is subtracted, of each channel.</param>
    /// <param name="sums">The sums, of each channel; they go on.</param>
    protected void SumErrors(int sample, float* centre, float* sums)
    {
        var (d, x, y) = (Output.ErrorMaps, Input.Maps, Output.Maps);
        NormKernel.SumErrors<T>(d.First(sample), d, _rectify ? y.First(sample) : null, y, x.First(sample), x, centre,
            sums);
    }

    /// <summary>Errors of a sample's input.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="numbers">Factor of the errors, centre, factor of the centred input, and constant.</param>
    protected void Back(int sample, float* numbers)
    {
        if (Target == ErrorTarget.None) return;
        var (d, x, e) = (Output.ErrorMaps, Input.Maps, InputErrors());
        NormKernel.Back<T>(d.First(sample), d, x.First(sample), x, e.First(sample), e, numbers);
        AddErrors(sample, 1);
    }
}
