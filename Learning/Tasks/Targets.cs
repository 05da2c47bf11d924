using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tasks;

/// <summary>What a model is to predict for each sample of a part of a dataset.</summary>
public abstract class Targets
{
    /// <summary>Number of samples.</summary>
    public abstract int Count { get; }

    /// <summary>The class of each sample; null if samples are of no classes.</summary>
    public virtual int[]? Classes => null;

    /// <summary>
    /// The targets of some samples as libtorch's losses take them; owned by the current scope, on the processor.
    /// </summary>
    /// <param name="samples">Which they are.</param>
    public abstract Tensor Gather(ReadOnlySpan<int> samples);

    /// <summary>The targets of some samples as numbers that can be sent.</summary>
    /// <param name="samples">Which they are.</param>
    public abstract float[] ToNumbers(ReadOnlySpan<int> samples);

    /// <summary>Targets, of the same kind as these, of numbers that were sent.</summary>
    /// <param name="numbers">The numbers, one a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <exception cref="InvalidDataException">They are no such targets.</exception>
    public abstract Targets OfNumbers(ReadOnlySpan<float> numbers, int outputs);
}
