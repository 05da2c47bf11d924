using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Learning.Components;

/// <summary>A component that can tell, before anything starts, whether an experiment suits it.</summary>
public interface ICheckExperiment
{
    /// <summary>What is wrong with the experiment; nothing if it suits. Paths are relative to the component (empty: the component itself).</summary>
    /// <param name="experiment">An experiment whose parts are valid each for itself.</param>
    IEnumerable<Fault> Check(Experiment experiment);
}
