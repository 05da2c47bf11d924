using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Counts the bytes of this silo: payload where weights are read, everything where connections are.</summary>
public sealed class SiloTraffic
{
    private long _payloadSent, _payloadReceived, _wireSent, _wireReceived;

    /// <summary>The counts now.</summary>
    public Traffic Now => new(Interlocked.Read(ref _payloadSent), Interlocked.Read(ref _payloadReceived),
        Interlocked.Read(ref _wireSent), Interlocked.Read(ref _wireReceived));

    /// <summary>Counts weights that another silo read here.</summary>
    /// <param name="bytes">How many.</param>
    public void PayloadSent(long bytes) => Interlocked.Add(ref _payloadSent, bytes);

    /// <summary>Counts weights read from another silo.</summary>
    /// <param name="bytes">How many.</param>
    public void PayloadReceived(long bytes) => Interlocked.Add(ref _payloadReceived, bytes);

    /// <summary>Counts bytes sent on a connection.</summary>
    /// <param name="bytes">How many.</param>
    public void WireSent(long bytes) => Interlocked.Add(ref _wireSent, bytes);

    /// <summary>Counts bytes received on a connection.</summary>
    /// <param name="bytes">How many.</param>
    public void WireReceived(long bytes) => Interlocked.Add(ref _wireReceived, bytes);
}
