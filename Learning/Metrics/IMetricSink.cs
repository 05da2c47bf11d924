namespace Orleans.FL.Learning.Metrics;

/// <summary>Takes the values of metrics that the stations of a node's round emit.</summary>
public interface IMetricSink
{
    /// <summary>Takes nothing.</summary>
    static IMetricSink None { get; } = new Nothing();

    /// <summary>Emits a value of a metric; nothing happens if the run does not record the metric.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="value">The value; one that is not finite leaves the round without a value.</param>
    /// <param name="weight">Its weight in a mean, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    void Emit(Metric metric, double value, double weight = 1);

    /// <summary>Emits a value of a metric of the catalog; nothing happens if the run does not record it.</summary>
    /// <typeparam name="T">The metric.</typeparam>
    /// <param name="value">The value; one that is not finite leaves the round without a value.</param>
    /// <param name="weight">Its weight in a mean, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    void Emit<T>(double value, double weight = 1) where T : Metric;

    private sealed class Nothing : IMetricSink
    {
        public void Emit(Metric metric, double value, double weight = 1) { }

        public void Emit<T>(double value, double weight = 1) where T : Metric { }
    }
}
