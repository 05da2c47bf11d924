using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Testing;

/// <summary>States of nodes that checkpoints are tried on.</summary>
public static class LearnerStates
{
    extension(LearnerState)
    {
        /// <summary>The state of a node that has only weights.</summary>
        /// <param name="weights">The weights.</param>
        public static LearnerState Of(ParameterVector weights) =>
            new(-1, weights, weights, new SortedDictionary<string, ParameterVector>(StringComparer.Ordinal),
                OptimizerState.Fresh);
    }
}
