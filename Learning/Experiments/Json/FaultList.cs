namespace Orleans.FL.Learning.Experiments.Json;

/// <summary>Collects what is wrong with an input; a hostile one cannot make it long.</summary>
internal sealed class FaultList
{
    private const int Most = 200;
    private readonly List<Fault> _faults = [];
    private int _left;

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Whether more faults are only counted, so that their messages need not be made.</summary>
    public bool IsFull => _faults.Count == Most;

    /// <summary>Notes a fault.</summary>
    public void Add(string path, string message)
    {
        if (_faults.Count < Most) _faults.Add(new Fault(path, message));
        else _left++;
    }

    /// <summary>Throws all that was noted.</summary>
    /// <exception cref="ExperimentException">Anything was noted.</exception>
    public void ThrowIfAny()
    {
        if (_left > 0)
            throw new ExperimentException([.. _faults, new Fault("", $"{_left} more faults are not shown.")]);
        if (!IsEmpty) throw new ExperimentException(_faults);
    }
}
