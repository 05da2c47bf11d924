namespace Orleans.FL.Learning.Foundation;

/// <summary>A run cannot go on, though nothing was wrong with its input before it began.</summary>
/// <param name="message">Why, and what would do.</param>
public sealed class RunFailedException(string message) : ExperimentException(message);
