using System.Buffers;
using System.IO.Pipelines;

namespace Orleans.FL.Silo.Security;

/// <summary>A connection's bytes as a stream, for what only knows streams.</summary>
/// <param name="transport">The connection.</param>
internal sealed class TransportStream(IDuplexPipe transport) : Stream
{
    private bool _over;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_over) return 0;
        var read = await transport.Input.ReadAsync(cancellationToken);
        // Orleans cancels the read of a connection that it closes, once: there is nothing more to come. SslStream looks for
        // bytes with an empty buffer first, takes the 0 of that for some, and reads again.
        if (read.IsCanceled)
        {
            _over = true;
            transport.Input.AdvanceTo(read.Buffer.Start);
            return 0;
        }
        var length = (int)Math.Min(read.Buffer.Length, buffer.Length);
        var taken = read.Buffer.Slice(0, length);
        taken.CopyTo(buffer.Span);
        transport.Input.AdvanceTo(taken.End); // from here on the sequence is no longer ours
        return length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var flushed = await transport.Output.WriteAsync(buffer, cancellationToken);
        if (flushed.IsCanceled) throw new OperationCanceledException("The connection is being closed.");
        if (flushed.IsCompleted) throw new IOException("The peer has closed the connection.");
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask; // each write was flushed

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
