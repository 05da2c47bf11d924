using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>Samples that a network is worked through at once: from its layers alone, so that its parts agree.</summary>
/// <param name="WholeBatch">Whether samples of a training batch depend on each other, so that it is not cut.</param>
/// <param name="Most">Most samples, where a batch may be cut.</param>
internal readonly record struct StepSizes(bool WholeBatch, int Most)
{
    // Floats of the samples between all layers, about: some 64 MB.
    private const long MostFloats = 16 << 20;

    private const int MostRows = 256;

    /// <summary>Those of a network.</summary>
    /// <param name="architecture">The whole network.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    public static StepSizes Of(Architecture architecture, SampleShape input, int outputs) => new(
        architecture.HasBatchNorm,
        (int)Math.Clamp(MostFloats / Math.Max(1, architecture.ValuesOf(input, outputs)), 1, MostRows));

    /// <summary>Samples of a training batch that go at once.</summary>
    /// <param name="samples">Samples of the batch.</param>
    public int Of(int samples) => WholeBatch ? samples : Math.Min(samples, Most);
}
