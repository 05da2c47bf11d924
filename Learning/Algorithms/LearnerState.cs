using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>The whole state of a node between two steps of a round, as immutable data: what checkpoints hold.</summary>
/// <param name="Round">The round that it last began, from 0; -1 before any.</param>
/// <param name="Weights">Present weights.</param>
/// <param name="RoundStart">Weights at the beginning of the round; the present ones between two rounds.</param>
/// <param name="Memory">Vectors that the algorithm remembers, by name.</param>
/// <param name="Optimizer">What the optimiser remembers.</param>
public sealed record LearnerState(int Round, ParameterVector Weights, ParameterVector RoundStart,
    IReadOnlyDictionary<string, ParameterVector> Memory, OptimizerState Optimizer)
{
    private const char NumbersEnd = '#';

    /// <summary>Name, in the memory, of numbers: a vector that is not of the model's length.</summary>
    /// <param name="name">What the algorithm calls them.</param>
    public static string NameOfNumbers(string name) => name + NumbersEnd;

    /// <summary>Whether a vector of the memory may have any length.</summary>
    /// <param name="name">Its name in the memory.</param>
    public static bool IsNumbers(string name) => name.EndsWith(NumbersEnd);
}
