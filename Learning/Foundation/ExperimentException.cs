namespace Orleans.FL.Learning.Foundation;

/// <summary>The user's input is wrong: the message names the thing, the value, and what would do.</summary>
public class ExperimentException : Exception
{
    /// <summary>An exception with the errors found, one a line.</summary>
    /// <param name="errors">Every error of the input; never empty.</param>
    public ExperimentException(IReadOnlyList<ValidationError> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>An exception for one error that belongs to no place in a file.</summary>
    /// <param name="message">What is wrong and what would do.</param>
    public ExperimentException(string message) : this([new ValidationError("", message)]) { }

    /// <summary>Every error found.</summary>
    public IReadOnlyList<ValidationError> Errors { get; }
}

/// <summary>One thing that is wrong with an experiment file.</summary>
/// <param name="Path">JSON path of the value, e.g. <c>$.algorithm.mu</c>; empty if it concerns no single place.</param>
/// <param name="Message">What is wrong and what would do; one sentence or two.</param>
public sealed record ValidationError(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
