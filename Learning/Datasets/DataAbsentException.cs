using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>The files of a dataset are not on this machine; they may be on another one.</summary>
/// <param name="message">Where they were looked for, and what would do.</param>
public sealed class DataAbsentException(string message) : ExperimentException(message);
