using System.IO.Pipelines;
using Orleans.FL.Silo.Security;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Security;

public sealed class TransportStreamTests
{
    [Fact(Timeout = 10_000)]
    public async Task A_connection_that_is_closed_while_its_reader_looks_for_bytes_has_ended()
    {
        var pipe = new Pipe();
        await using var stream = new TransportStream(new Transport(pipe.Reader, pipe.Writer));
        var looking = stream.ReadAsync(Memory<byte>.Empty); // as SslStream does before it takes a buffer

        pipe.Reader.CancelPendingRead(); // as Orleans does, once

        Assert.Equal(0, await looking);
        Assert.Equal(0, await stream.ReadAsync(new byte[16]));
    }

    [Fact(Timeout = 10_000)]
    public async Task Bytes_come_out_as_they_went_in_whatever_the_buffers()
    {
        var pipe = new Pipe();
        await using var stream = new TransportStream(new Transport(pipe.Reader, pipe.Writer));
        await pipe.Writer.WriteAsync(new byte[] { 1, 2, 3, 4, 5 });

        var first = new byte[2];
        var rest = new byte[16];
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(2, await stream.ReadAsync(first));
        Assert.Equal(3, await stream.ReadAsync(rest));

        Assert.Equal([1, 2, 3, 4, 5], [.. first, .. rest[..3]]);
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
