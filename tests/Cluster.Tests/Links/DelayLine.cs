using System.Buffers;
using System.Diagnostics;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>Carries packets between two devices, each some time after it was sent; or, when it is cut, none.</summary>
/// <remarks>In place of <c>tc netem</c>, which many kernels are built without.</remarks>
internal sealed class DelayLine : IDisposable
{
    private const int LookMilliseconds = 100;

    private readonly long _delay; // ticks of Stopwatch
    private readonly Thread[] _ways;
    private volatile bool _cut;
    private volatile bool _stopping;

    /// <summary>Begins to carry, both ways.</summary>
    /// <param name="a">One end.</param>
    /// <param name="b">The other.</param>
    /// <param name="delay">Time that a packet is on its way.</param>
    public DelayLine(TunDevice a, TunDevice b, TimeSpan delay)
    {
        _delay = (long)(delay.TotalSeconds * Stopwatch.Frequency);
        _ways = [new(() => Carry(a, b)), new(() => Carry(b, a))];
        foreach (var way in _ways) way.Start();
    }

    /// <summary>
    /// Whether the line is cut: packets on their way and packets sent are lost, and neither end is notified.
    /// </summary>
    public bool Cut
    {
        get => _cut;
        set => _cut = value;
    }

    /// <summary>Stops carrying; the devices may then be disposed.</summary>
    public void Dispose()
    {
        _stopping = true;
        foreach (var way in _ways) way.Join();
    }

    private void Carry(TunDevice from, TunDevice to)
    {
        var underWay = new Queue<(byte[] Packet, int Length, long Due)>();
        while (!_stopping)
        {
            if (from.Wait(underWay.TryPeek(out var next) ? Until(next.Due) : LookMilliseconds))
            {
                var packet = ArrayPool<byte>.Shared.Rent(TunDevice.LargestPacket);
                underWay.Enqueue((packet, from.Read(packet), Stopwatch.GetTimestamp() + _delay));
            }
            while (underWay.TryPeek(out next) && (_cut || next.Due <= Stopwatch.GetTimestamp()))
            {
                if (!_cut && next.Length > 0) to.Write(next.Packet, next.Length);
                ArrayPool<byte>.Shared.Return(underWay.Dequeue().Packet);
            }
        }
    }

    private static int Until(long due) =>
        (int)Math.Clamp(Math.Ceiling((due - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency), 0,
            LookMilliseconds);
}
