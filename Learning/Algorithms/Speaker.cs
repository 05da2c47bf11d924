using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>One of the two sides of a conversation: says something, hears the answer, until both are done.</summary>
/// <remarks>
/// Messages follow each other strictly in turns, and each has a length that its hearer knows beforehand. What is said depends on the node's
/// state and on what was heard alone, so the same conversation again has the same bits. Works on no state but its own: the node's
/// changes when the conversation is over (<see cref="Learner.Conclude"/>), or not at all. Not thread-safe.
/// </remarks>
public abstract class Speaker : IDisposable
{
    private IEnumerator<Line>? _lines;
    private ParameterVector? _heard;
    private int _awaits;

    /// <summary>What came of the conversation; when it is over.</summary>
    public abstract Spoken Result { get; }

    /// <summary>What was heard last; inside <see cref="Speak"/>, after a line that awaits something.</summary>
    protected ParameterVector Heard => _heard ?? throw new InvalidOperationException("Nothing was awaited, so nothing was heard.");

    /// <summary>Goes on to the next line.</summary>
    /// <param name="heard">What the last line awaited; null if it awaited nothing, and for the first.</param>
    /// <returns>The line; null when the conversation is over.</returns>
    /// <exception cref="InvalidDataException">What was heard cannot be what was awaited.</exception>
    public Line? Next(ParameterVector? heard)
    {
        if ((heard?.Length ?? 0) != _awaits) throw new InvalidDataException($"{heard?.Length ?? 0} values were said where {_awaits} are expected.");
        _heard = heard;
        _lines ??= Speak().GetEnumerator();
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
    protected abstract IEnumerable<Line> Speak();
}

/// <summary>What one side says, and what it then waits for.</summary>
/// <param name="Message">What it says; null if it only listens, or only ends.</param>
/// <param name="Awaits">Number of values of the answer; 0 if it awaits none.</param>
public readonly record struct Line(ParameterVector? Message, int Awaits);

/// <summary>What came of a conversation for one of its sides.</summary>
/// <param name="Weights">The node's weights from now on.</param>
/// <param name="Training">Training batches whose labels this side saw, each before its step.</param>
/// <param name="Steps">Optimiser steps, counted at one of the two sides.</param>
/// <param name="Validation">Samples that the node holds out; zero if not tested.</param>
/// <param name="Test">Global test samples; zero if not tested.</param>
/// <param name="LocalTest">The node's own test samples; zero if not tested.</param>
public sealed record Spoken(
    ParameterVector Weights, MetricSum Training, long Steps, MetricSum Validation, MetricSum Test, MetricSum LocalTest);
