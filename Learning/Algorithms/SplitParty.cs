using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>One of the two sides of a split session: sends a message, receives the answer, until both are
/// done.</summary>
/// <remarks>
/// Messages follow each other strictly in turns, and each has a length that its receiver knows beforehand. What a side
/// sends depends only on the node's state and on what it received, so the same split session again has the same bits.
/// Works on no state but its own: the node's changes when the split session is over (<see cref="Learner.Conclude"/>),
/// or not at all. Not thread-safe.
/// </remarks>
public abstract class SplitParty : IDisposable
{
    private IEnumerator<SplitMessage>? _messages;
    private ParameterVector? _received;
    private int _awaits;

    /// <summary>The outcome of the split session, once it is over.</summary>
    public abstract SplitOutcome Result { get; }

    /// <summary>What was received last; inside <see cref="Messages"/>, after a message that awaits an answer.</summary>
    protected ParameterVector ReceivedUpdate =>
        _received ?? throw new InvalidOperationException("Nothing was awaited, so nothing was received.");

    /// <summary>Goes on to the next message.</summary>
    /// <param name="received">The answer to the last message; null if it awaited none, and for the first.</param>
    /// <returns>The message; null when the split session is over.</returns>
    /// <exception cref="InvalidDataException">The answer does not have the expected length.</exception>
    public SplitMessage? Next(ParameterVector? received)
    {
        if ((received?.Length ?? 0) != _awaits)
            throw new InvalidDataException($"{received?.Length ?? 0} values were sent where {_awaits} are expected.");
        _received = received;
        _messages ??= Messages().GetEnumerator();
        if (!_messages.MoveNext()) return null;
        _awaits = _messages.Current.Awaits;
        return _messages.Current;
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _messages?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The messages, one after the other: all that this side does.</summary>
    protected abstract IEnumerable<SplitMessage> Messages();
}

/// <summary>What one side sends, and what it then waits for.</summary>
/// <param name="Message">What it sends; null if it only receives, or only ends.</param>
/// <param name="Awaits">Number of values of the answer; 0 if it awaits none.</param>
public readonly record struct SplitMessage(ParameterVector? Message, int Awaits);

/// <summary>The outcome of a split session for one of its sides.</summary>
/// <param name="Weights">The node's weights from now on.</param>
/// <param name="Training">Training batches whose labels this side saw, each before its step.</param>
/// <param name="Steps">Optimiser steps, counted at one of the two sides.</param>
/// <param name="Validation">Samples that the node holds out; zero if not tested.</param>
/// <param name="Test">Global test samples; zero if not tested.</param>
/// <param name="LocalTest">The node's own test samples; zero if not tested.</param>
public sealed record SplitOutcome(ParameterVector Weights, MetricSums Training, long Steps, MetricSums Validation,
    MetricSums Test, MetricSums LocalTest);
