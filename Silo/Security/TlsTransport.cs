using System.IO.Pipelines;
using System.Net.Security;

namespace Orleans.FL.Silo.Security;

/// <summary>A connection inside TLS.</summary>
internal sealed class TlsTransport : IDuplexPipe, IAsyncDisposable
{
    // A record of TLS holds up to 16 KiB: smaller buffers would make more records.
    private const int BufferBytes = 32 << 10;

    public TlsTransport(IDuplexPipe transport)
    {
        Stream = new SslStream(new TransportStream(transport));
        Input = PipeReader.Create(Stream, new(bufferSize: BufferBytes, minimumReadSize: BufferBytes / 2, leaveOpen: true));
        Output = PipeWriter.Create(Stream, new(minimumBufferSize: BufferBytes, leaveOpen: true));
    }

    public SslStream Stream { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Input.CompleteAsync();
            await Output.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // What was not sent when the connection broke is not sent now.
        }
        await Stream.DisposeAsync();
    }
}
