using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Datasets;

/// <summary>The training or the test part of a dataset: samples of one shape, and their targets.</summary>
/// <param name="shape">Shape of a sample.</param>
/// <param name="targets">What a model is to predict for each.</param>
public abstract class DataPart(SampleShape shape, Targets targets)
{
    /// <summary>Shape of a sample.</summary>
    public SampleShape Shape => shape;

    /// <summary>What a model is to predict for each sample.</summary>
    public Targets Targets => targets;

    /// <summary>For each sample, whose it is: a place among the data's users; null if nobody knows.</summary>
    public int[]? Users { get; init; }

    /// <summary>Number of samples.</summary>
    public int Count => targets.Count;

    /// <summary>Reads samples as the floats that a model is given.</summary>
    /// <param name="samples">Which they are.</param>
    /// <param name="rows">Takes them, one a row.</param>
    /// <param name="stride">Floats from one row to the next, at least the shape's length; what is between rows is not
    /// touched.</param>
    public abstract void Read(ReadOnlySpan<int> samples, Span<float> rows, int stride);
}
