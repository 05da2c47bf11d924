using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>GroupNorm: each sample for itself.</summary>
/// <remarks>Sums go over a channel's pixels, and then over the channels of the group in order.</remarks>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="input">What it takes in.</param>
/// <param name="output">What it gives.</param>
/// <param name="added">What is added behind it; null for nothing.</param>
/// <param name="rectify">Whether ReLU follows.</param>
/// <param name="places">Its numbers among the weights.</param>
/// <param name="groups">Groups of channels.</param>
internal sealed unsafe class GroupNormOperation<T>(
    Value input, Value output, Value? added, bool rectify, NormPlaces places, int groups)
    : NormOperation<T>(input, output, added, rectify, places) where T : struct, ILanes<T>
{
    private readonly Padded _numbers = new(6 * input.Floats);
    private Padded? _statistics; // of each sample: means and 1/√(variance + ε), of each channel

    private int Width => Input.Floats;

    private int GroupSize => Input.Channels / groups;

    private float Pixels => (float)Input.Height * Input.Width * GroupSize;

    private float* Sums => _numbers.Pointer;

    private float* Numbers => Sums + 2 * Width;

    /// <inheritdoc/>
    public override void Reserve(int rows)
    {
        base.Reserve(rows);
        if (_statistics is null || _statistics.Length < rows * 2 * Width)
            _statistics = new Padded(checked(rows * 2 * Width));
    }

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        for (var sample = first; sample < first + count; sample++)
        {
            var mean = Statistics(sample);
            TakeStatistics(sample, mean, mean + Width);
            for (var c = 0; c < Width; c++)
            {
                Numbers[c] = pass.WeightAt(Places.Factors)[c] * mean[Width + c];
                Numbers[Width + c] = pass.WeightAt(Places.Offsets)[c] - mean[c] * Numbers[c];
            }
            Apply(sample, Numbers);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(int first, int count, Pass<T> pass)
    {
        for (var sample = first; sample < first + count; sample++)
        {
            float* mean = Statistics(sample), inverse = mean + Width;
            new Span<float>(Sums, 2 * Width).Clear();
            SumErrors(sample, mean, Sums);
            for (var c = 0; c < Width; c++)
            {
                Sums[Width + c] *= inverse[c];
                pass.GradientAt(Places.Offsets)[c] += Sums[c];
                pass.GradientAt(Places.Factors)[c] += Sums[Width + c];
            }
            Prepare(mean, inverse, pass.WeightAt(Places.Factors));
            Back(sample, Numbers);
        }
    }

    /// <summary>The numbers of the way back, from the sums over a sample.</summary>
    private void Prepare(float* mean, float* inverse, float* factors)
    {
        new Span<float>(Numbers, 4 * Width).Clear();
        for (var group = 0; group < groups; group++)
        {
            var (from, sum, product) = (group * GroupSize, 0f, 0f);
            for (var c = from; c < from + GroupSize; c++)
            {
                sum += factors[c] * Sums[c];
                product += factors[c] * Sums[Width + c];
            }
            for (var c = from; c < from + GroupSize; c++)
            {
                Numbers[c] = factors[c] * inverse[c];
                Numbers[Width + c] = mean[c];
                Numbers[2 * Width + c] = -(inverse[c] * inverse[c] * product / Pixels);
                Numbers[3 * Width + c] = -(inverse[c] * sum / Pixels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeStatistics(int sample, float* mean, float* inverse)
    {
        var maps = Input.Maps;
        new Span<float>(Sums, 2 * Width).Clear();
        new Span<float>(mean, 2 * Width).Clear();
        MapKernel.SumPixels<T>(maps.First(sample), maps, Sums);
        Spread(Sums, mean);
        NormKernel.SumSquares<T>(maps.First(sample), maps, mean, Sums + Width);
        Spread(Sums + Width, inverse);
        for (var c = 0; c < Input.Channels; c++) inverse[c] = 1 / MathF.Sqrt(inverse[c] + (float)GroupNorm.Epsilon);
    }

    /// <summary>The mean over each group, for each of its channels.</summary>
    private void Spread(float* sums, float* means)
    {
        for (var group = 0; group < groups; group++)
        {
            var sum = 0f;
            for (var c = group * GroupSize; c < (group + 1) * GroupSize; c++) sum += sums[c];
            new Span<float>(means + group * GroupSize, GroupSize).Fill(sum / Pixels);
        }
    }

    private float* Statistics(int sample) => _statistics!.Pointer + (nint)sample * 2 * Width; // reserved before
}
