using System.IO.Pipelines;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Xunit;

namespace Orleans.FL.Grains.Tests;

public sealed class TrafficTests
{
    [Fact(Timeout = 10_000)]
    public async Task What_is_taken_and_given_is_counted_once_and_what_is_only_looked_at_is_not()
    {
        var traffic = new SiloTraffic();
        var pipe = new Pipe();
        var (writer, reader) = (new CountedWriter(pipe.Writer, traffic), new CountedReader(pipe.Reader, traffic));

        writer.GetSpan(10_000);
        writer.Advance(10_000);
        await writer.WriteAsync(new byte[5_000]);
        var read = await reader.ReadAsync();
        reader.AdvanceTo(read.Buffer.Start);
        Assert.Equal(new Traffic(0, 0, 15_000, 0), traffic.Now);

        read = await reader.ReadAsync();
        reader.AdvanceTo(read.Buffer.GetPosition(12_000), read.Buffer.End);
        await writer.WriteAsync(new byte[1]);
        Assert.True(reader.TryRead(out read));
        reader.AdvanceTo(read.Buffer.End);

        Assert.Equal(new Traffic(0, 0, 15_001, 15_001), traffic.Now);
    }
}
