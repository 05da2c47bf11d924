namespace Orleans.FL.Learning.Experiments;

/// <summary>A component that can tell, before anything starts, whether an experiment suits it.</summary>
/// <remarks>Any component may implement it: a torus checks the number of nodes, an algorithm the topology.</remarks>
public interface ICheckExperiment
{
    /// <summary>What is wrong with the experiment; nothing if it suits.</summary>
    /// <param name="experiment">An experiment whose parts are valid each for itself.</param>
    /// <returns>Errors whose paths begin at the component, e.g. <c>degree</c>; empty for the component itself, and from
    /// the file's root if they begin with <c>$</c>.</returns>
    IEnumerable<ValidationError> Check(Experiment experiment);
}
