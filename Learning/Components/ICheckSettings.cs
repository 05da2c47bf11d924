using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Components;

/// <summary>A component that checks, before anything starts, whether it suits the experiment that chose it.</summary>
/// <remarks>
/// Any component may implement it: a torus checks the number of nodes, an algorithm the optimiser. What an algorithm
/// needs and declares as data is checked without it.
/// </remarks>
public interface ICheckSettings
{
    /// <summary>What is wrong with the experiment; nothing if it suits.</summary>
    /// <param name="facts">An experiment whose parts are valid each for itself.</param>
    /// <returns>Validation errors whose paths begin at the component, e.g. <c>degree</c>; empty for the component
    /// itself, and
    /// from the file's root if they begin with <c>$</c>.</returns>
    IEnumerable<ValidationError> Check(ExperimentFacts facts);
}
