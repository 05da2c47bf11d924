using System.Diagnostics;
using System.Threading.Channels;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Runs one side of a split session until it is over.</summary>
public static class SplitSession
{
    /// <summary>Sends and receives, message by message.</summary>
    /// <param name="party">The side; disposed of when it is over, or has broken off.</param>
    /// <param name="link">Reaches the other side.</param>
    /// <param name="onLane">Runs what computes on a lane; called for each message, so that no lane is held while the
    /// other side computes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">The other side sent a message that does not fit.</exception>
    public static async Task<SplitSessionReport> Run(SplitParty party, ISplitChannel link,
        Func<Func<SplitMessage?>, Task<SplitMessage?>> onLane, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(party);
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(onLane);
        using var side = party;
        var (sent, received, index) = (0L, 0L, 0);
        var worked = TimeSpan.Zero;
        ParameterVector? incoming = null;
        while (await onLane(() => Timed(incoming)) is { } next)
        {
            if (next.Message is { } message)
            {
                link.Send(index++, message);
                sent += SinglePrecision.Instance.MaxBytes(message.Length);
            }
            incoming = next.Awaits == 0 ? null : await link.Receive(index++, next.Awaits, cancellation);
            received += SinglePrecision.Instance.MaxBytes(next.Awaits);
        }
        return new SplitSessionReport(party.Result, sent, received, worked.TotalSeconds);

        SplitMessage? Timed(ParameterVector? answer)
        {
            var start = Stopwatch.GetTimestamp();
            var next = party.Next(answer);
            worked += Stopwatch.GetElapsedTime(start);
            return next;
        }
    }

    /// <summary>The two ends of a link in one process.</summary>
    internal static (ISplitChannel One, ISplitChannel Other) Link()
    {
        var (there, back) = (Channel.CreateUnbounded<ParameterVector>(), Channel.CreateUnbounded<ParameterVector>());
        return (new DirectLink(there.Writer, back.Reader), new DirectLink(back.Writer, there.Reader));
    }

    private sealed class DirectLink(ChannelWriter<ParameterVector> to, ChannelReader<ParameterVector> from)
        : ISplitChannel
    {
        public void Send(int index, ParameterVector message) => to.TryWrite(message);

        public async Task<ParameterVector> Receive(int index, int length, CancellationToken cancellation) =>
            await from.ReadAsync(cancellation);
    }
}

/// <summary>Reaches the other side of a split session.</summary>
public interface ISplitChannel
{
    /// <summary>Sends a message; does not wait until it is received.</summary>
    /// <param name="index">Its place among the messages of both sides, from 0.</param>
    /// <param name="message">The message, which must not change any more.</param>
    void Send(int index, ParameterVector message);

    /// <summary>Waits until the other side has sent a message.</summary>
    /// <param name="index">Its place among the messages of both sides.</param>
    /// <param name="length">Number of its values; anything else is refused before memory is allocated for it.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<ParameterVector> Receive(int index, int length, CancellationToken cancellation);
}

/// <summary>The outcome of a split session, and what it cost.</summary>
/// <param name="SplitOutcome">The outcome.</param>
/// <param name="SentBytes">Bytes of all messages sent, as float32.</param>
/// <param name="ReceivedBytes">Bytes of all messages received.</param>
/// <param name="Seconds">Seconds of computation, without waiting for lanes and for the other side.</param>
public sealed record SplitSessionReport(SplitOutcome SplitOutcome, long SentBytes, long ReceivedBytes, double Seconds);
