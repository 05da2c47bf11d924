using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>Some samples.</summary>
/// <param name="Data">Where they are.</param>
/// <param name="Indices">Which they are, in the order in which they are worked through.</param>
public sealed record SampleSet(DataPart Data, int[] Indices)
{
    /// <summary>How many.</summary>
    public int Count => Indices.Length;

    /// <summary>The first of them.</summary>
    /// <param name="count">How many at most.</param>
    public SampleSet First(int count) => this with { Indices = Indices[..Math.Min(count, Indices.Length)] };
}
