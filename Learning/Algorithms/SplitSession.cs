using System.Diagnostics;
using System.Threading.Channels;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Lets one side of a split session speak and receive from until it is over.</summary>
public static class SplitSession
{
    /// <summary>Speaks and receives from.</summary>
    /// <param name="party">The side; disposed of when it is over, or has broken off.</param>
    /// <param name="link">Reaches the other side.</param>
    /// <param name="onLane">Runs what computes on a lane; asked for each line, so that no lane is held while the other side computes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">The other side says what it cannot say.</exception>
    public static async Task<SplitSessionReport> Run(
        SplitParty party, ISplitChannel link, Func<Func<SplitMessage?>, Task<SplitMessage?>> onLane, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(party);
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(onLane);
        using var side = party;
        var (sent, received, index) = (0L, 0L, 0);
        var worked = TimeSpan.Zero;
        ParameterVector? incoming = null;
        while (await onLane(() => Timed(incoming)) is { } line)
        {
            if (line.Message is { } message)
            {
                link.Say(index++, message);
                sent += SinglePrecision.Instance.MaxBytes(message.Length);
            }
            incoming = line.Awaits == 0 ? null : await link.Hear(index++, line.Awaits, cancellation);
            received += SinglePrecision.Instance.MaxBytes(line.Awaits);
        }
        return new SplitSessionReport(party.Result, sent, received, worked.TotalSeconds);

        SplitMessage? Timed(ParameterVector? answer)
        {
            var start = Stopwatch.GetTimestamp();
            var line = party.Next(answer);
            worked += Stopwatch.GetElapsedTime(start);
            return line;
        }
    }

    /// <summary>The two ends of a link in one process.</summary>
    internal static (ISplitChannel One, ISplitChannel Other) Link()
    {
        var (there, back) = (Channel.CreateUnbounded<ParameterVector>(), Channel.CreateUnbounded<ParameterVector>());
        return (new DirectLink(there.Writer, back.Reader), new DirectLink(back.Writer, there.Reader));
    }

    private sealed class DirectLink(ChannelWriter<ParameterVector> to, ChannelReader<ParameterVector> from) : ISplitChannel
    {
        public void Say(int index, ParameterVector message) => to.TryWrite(message);

        public async Task<ParameterVector> Hear(int index, int length, CancellationToken cancellation) => await from.ReadAsync(cancellation);
    }
}

/// <summary>Reaches the other side of a split session.</summary>
public interface ISplitChannel
{
    /// <summary>Says a message; does not wait until it is received.</summary>
    /// <param name="index">Its place among the messages of both sides, from 0.</param>
    /// <param name="message">The message, which must not change any more.</param>
    void Say(int index, ParameterVector message);

    /// <summary>Waits until the other side has said a message.</summary>
    /// <param name="index">Its place among the messages of both sides.</param>
    /// <param name="length">Number of its values; anything else is refused before memory is taken for it.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<ParameterVector> Hear(int index, int length, CancellationToken cancellation);
}

/// <summary>What came of a split session, and what it cost.</summary>
/// <param name="SplitOutcome">What came of it.</param>
/// <param name="SentBytes">Bytes of all messages said, as float32.</param>
/// <param name="ReceivedBytes">Bytes of all messages received.</param>
/// <param name="Seconds">Seconds of computation, without waiting for lanes and for the other side.</param>
public sealed record SplitSessionReport(SplitOutcome SplitOutcome, long SentBytes, long ReceivedBytes, double Seconds);
