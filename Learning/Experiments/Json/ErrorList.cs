using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Experiments.Json;

/// <summary>Collects what is wrong with an input; a hostile one cannot make it long.</summary>
internal sealed class ErrorList
{
    private const int Most = 200;
    private readonly List<ValidationError> _errors = [];
    private int _left;

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Whether more errors are only counted, so that their messages need not be made.</summary>
    public bool IsFull => _errors.Count == Most;

    /// <summary>Notes an error.</summary>
    public void Add(string path, string message)
    {
        if (_errors.Count < Most) _errors.Add(new ValidationError(path, message));
        else _left++;
    }

    /// <summary>Throws all that was noted.</summary>
    /// <exception cref="ExperimentException">Anything was noted.</exception>
    public void ThrowIfAny()
    {
        if (_left > 0)
            throw new ExperimentException([.. _errors, new ValidationError("", $"{_left} more errors are not shown.")]);
        if (!IsEmpty) throw new ExperimentException(_errors);
    }
}
