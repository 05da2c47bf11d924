using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Orleans.FL.Silo.Security;

/// <summary>
/// Buffers that hold a whole record of TLS: with those of the transport, of 4 KiB, each record would be as short.
/// </summary>
internal sealed class RecordBuffers : MemoryPool<byte>, IMemoryPoolFeature
{
    private const int LongestRecord = 16 << 10;

    /// <summary>The buffers of all connections.</summary>
    public static RecordBuffers Instance { get; } = new();

    /// <inheritdoc/>
    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <inheritdoc/>
    public MemoryPool<byte> MemoryPool => this;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) =>
        Shared.Rent(Math.Max(minBufferSize, LongestRecord));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
