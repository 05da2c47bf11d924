namespace Orleans.FL.Learning.Metrics;

/// <summary>A component that emits metrics of its own: they are columns of each run that chooses it.</summary>
public interface IEmitMetrics
{
    /// <summary>Whatever it may emit; the same for each instance with the same options.</summary>
    IReadOnlyList<Metric> Metrics { get; }
}
