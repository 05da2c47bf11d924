using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>BatchNorm.</summary>
/// <remarks>
/// Sums go over a sample's pixels, and then over the samples in order. A variance is the mean square of what is left
/// when the mean has been taken away.
/// </remarks>
/// <typeparam name="T">Registers to use.</typeparam>
/// <param name="input">What it takes in.</param>
/// <param name="output">What it gives.</param>
/// <param name="added">What is added behind it; null for nothing.</param>
/// <param name="rectify">Whether ReLU follows.</param>
/// <param name="places">Its numbers among the weights.</param>
internal sealed unsafe class BatchNormOperation<T>(
    Value input, Value output, Value? added, bool rectify, NormPlaces places)
    : NormOperation<T>(input, output, added, rectify, places) where T : struct, ILanes<T>
{
    // mean, 1/√(variance + ε); scale and shift of the forward pass; two sums; four numbers of the way back
    private readonly Padded _numbers = new(10 * input.Floats);

    /// <inheritdoc/>
    public override bool Batchwide => true;

    private int Width => Input.Floats;

    private float* Mean => _numbers.Pointer;

    private float* Inverse => Mean + Width;

    private float* Scale => Inverse + Width;

    private float* Sums => Scale + 2 * Width;

    private float* Numbers => Sums + 2 * Width;

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass)
    {
        if (pass.Training) TakeStatistics(count, pass);
        else
            for (var c = 0; c < Width; c++)
            {
                Mean[c] = pass.WeightAt(Places.Mean)[c];
                Inverse[c] = 1 / MathF.Sqrt(pass.WeightAt(Places.Variance)[c] + (float)BatchNorm.Epsilon);
            }
        var (factors, offsets) = (Places.Factors, Places.Offsets);
        for (var c = 0; c < Width; c++)
        {
            Scale[c] = pass.WeightAt(factors)[c] * Inverse[c];
            Scale[Width + c] = pass.WeightAt(offsets)[c] - Mean[c] * Scale[c];
        }
        for (var sample = 0; sample < count; sample++) Apply(sample, Scale);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(int first, int count, Pass<T> pass)
    {
        Clear(Numbers, 4);
        for (var sample = 0; sample < count; sample++)
        {
            Clear(Sums, 2);
            SumErrors(sample, Mean, Sums);
            for (var c = 0; c < 2 * Width; c++) Numbers[c] += Sums[c];
        }
        var pixels = (float)count * Input.Height * Input.Width;
        for (var c = 0; c < Width; c++)
        {
            var (sum, product) = (Numbers[c], Numbers[Width + c] * Inverse[c]);
            pass.GradientAt(Places.Offsets)[c] += sum;
            pass.GradientAt(Places.Factors)[c] += product;
            Numbers[c] = Scale[c];
            Numbers[Width + c] = Mean[c];
            Numbers[2 * Width + c] = pass.Training ? -(Scale[c] * Inverse[c] * product / pixels) : 0;
            Numbers[3 * Width + c] = pass.Training ? -(Scale[c] * sum / pixels) : 0;
        }
        for (var sample = 0; sample < count; sample++) Back(sample, Numbers);
    }

    /// <summary>Mean and variance of the batch, which move the running ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeStatistics(int count, Pass<T> pass)
    {
        var maps = Input.Maps;
        var pixels = (float)count * Input.Height * Input.Width;
        Clear(Mean, 2);
        for (var sample = 0; sample < count; sample++)
        {
            Clear(Sums, 1);
            MapKernel.SumPixels<T>(maps.First(sample), maps, Sums);
            for (var c = 0; c < Width; c++) Mean[c] += Sums[c];
        }
        for (var c = 0; c < Width; c++) Mean[c] /= pixels;
        for (var sample = 0; sample < count; sample++)
        {
            Clear(Sums, 1);
            NormKernel.SumSquares<T>(maps.First(sample), maps, Mean, Sums);
            for (var c = 0; c < Width; c++) Inverse[c] += Sums[c];
        }
        float* mean = pass.WeightAt(Places.Mean), variance = pass.WeightAt(Places.Variance);
        for (var c = 0; c < Input.Channels; c++)
        {
            mean[c] += (float)BatchNorm.Momentum * (Mean[c] - mean[c]);
            variance[c] += (float)BatchNorm.Momentum * (Inverse[c] / (pixels - 1) - variance[c]);
        }
        for (var c = 0; c < Width; c++) Inverse[c] = 1 / MathF.Sqrt(Inverse[c] / pixels + (float)BatchNorm.Epsilon);
    }

    private void Clear(float* numbers, int rows) => new Span<float>(numbers, rows * Width).Clear();
}
