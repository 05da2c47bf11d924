namespace Orleans.FL.Learning.Experiments;

/// <summary>A component that can tell whether the rest of an experiment suits it, before anything starts.</summary>
/// <remarks>Any component may implement it: a torus checks the number of nodes, a model the shape of the images.</remarks>
public interface ICheckExperiment
{
    /// <summary>What of the experiment does not suit the component.</summary>
    /// <param name="experiment">An experiment whose every single value is in range.</param>
    /// <returns>Faults; their paths begin at the component, e.g. <c>degree</c>, or are empty for the whole of it.</returns>
    IEnumerable<Fault> Check(Experiment experiment);
}
