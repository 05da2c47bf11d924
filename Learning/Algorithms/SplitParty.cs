using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>One of the two sides of a split session: says something, receives from the answer, until both are done.</summary>
/// <remarks>
/// Messages follow each other strictly in turns, and each has a length that its receiver knows beforehand. What is said depends on the node's
/// state and on what was received alone, so the same split session again has the same bits. Works on no state but its own: the node's
/// changes when the split session is over (<see cref="Learner.Conclude"/>), or not at all. Not thread-safe.
/// </remarks>
public abstract class SplitParty : IDisposable
{
    private IEnumerator<SplitMessage>? _lines;
    private ParameterVector? _received;
    private int _awaits;

    /// <summary>What came of the split session; when it is over.</summary>
    public abstract SplitOutcome Result { get; }

    /// <summary>What was received last; inside <see cref="Messages"/>, after a line that awaits something.</summary>
    protected ParameterVector ReceivedUpdate => _received ?? throw new InvalidOperationException("Nothing was awaited, so nothing was received.");

    /// <summary>Goes on to the next line.</summary>
    /// <param name="received">What the last line awaited; null if it awaited nothing, and for the first.</param>
    /// <returns>The line; null when the split session is over.</returns>
    /// <exception cref="InvalidDataException">What was received cannot be what was awaited.</exception>
    public SplitMessage? Next(ParameterVector? received)
    {
        if ((received?.Length ?? 0) != _awaits) throw new InvalidDataException($"{received?.Length ?? 0} values were said where {_awaits} are expected.");
        _received = received;
        _lines ??= Messages().GetEnumerator();
        if (!_lines.MoveNext()) return null;
        _awaits = _lines.Current.Awaits;
        return _lines.Current;
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _lines?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The lines, one after the other: the whole of what this side does.</summary>
    protected abstract IEnumerable<SplitMessage> Messages();
}

/// <summary>What one side says, and what it then waits for.</summary>
/// <param name="Message">What it says; null if it only listens, or only ends.</param>
/// <param name="Awaits">Number of values of the answer; 0 if it awaits none.</param>
public readonly record struct SplitMessage(ParameterVector? Message, int Awaits);

/// <summary>What came of a split session for one of its sides.</summary>
/// <param name="Weights">The node's weights from now on.</param>
/// <param name="Training">Training batches whose labels this side saw, each before its step.</param>
/// <param name="Steps">Optimiser steps, counted at one of the two sides.</param>
/// <param name="Validation">Samples that the node holds out; zero if not tested.</param>
/// <param name="Test">Global test samples; zero if not tested.</param>
/// <param name="LocalTest">The node's own test samples; zero if not tested.</param>
public sealed record SplitOutcome(
    ParameterVector Weights, MetricSums Training, long Steps, MetricSums Validation, MetricSums Test, MetricSums LocalTest);
