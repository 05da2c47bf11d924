using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.FL.Silo.Security;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Session;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Security;

/// <summary>A gateway reads calls that clients make in their own name, and nothing else.</summary>
public sealed class ClientFramesTests
{
    private const uint Request = 1 << 16, Response = 2 << 16, OneWay = 3 << 16, TellsPlaces = 1 << 7;
    private static readonly byte[] Greeting = [3, 0, 0, 0, 7, 7, 7];

    private static readonly SerializerSessionPool Sessions = new ServiceCollection().AddSerializer()
        .BuildServiceProvider().GetRequiredService<SerializerSessionPool>();

    [Theory(Timeout = 30_000)]
    [InlineData("sys.client/4a1b", Request)]
    [InlineData("sys.client/4a1b+observer", OneWay)]
    public async Task A_clients_call_passes_byte_for_byte(string sender, uint flags)
    {
        var calls = Message(flags, sender, body: 70_000).Concat(Message(flags, sender, body: 0)).ToArray();

        var (read, refused) = await Pass([.. Greeting, .. calls]);

        Assert.Empty(refused);
        Assert.Equal((byte[])[.. Greeting, .. calls], read);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("sys.client/hosted-S127.0.0.1:11111:7", Request, "in the name of a silo or a grain")]
    [InlineData("fl.registry/registry", Request, "in the name of a silo or a grain")]
    [InlineData("sys.svc.clustering/x", OneWay, "in the name of a silo or a grain")]
    [InlineData("sys.client/4a1b", Response, "that only silos send")]
    [InlineData("sys.client/4a1b", Request | TellsPlaces, "that only silos send")]
    [InlineData("sys.client/4a1b", 0, "that only silos send")]
    public async Task What_no_client_may_send_ends_the_connection(string sender, uint flags, string why)
    {
        var good = Message(Request, "sys.client/4a1b", body: 100);

        var (read, refused) = await Pass([.. Greeting, .. good, .. Message(flags, sender, body: 100)]);

        Assert.EndsWith(why, Assert.Single(refused));
        Assert.Equal((byte[])[.. Greeting, .. good], read);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0, 10)]
    [InlineData(-1, 10)]
    [InlineData(SecureConnections.LargestHeader + 1, 10)]
    [InlineData(40, -1)]
    [InlineData(40, SecureConnections.LargestBody + 1)]
    public async Task A_message_of_an_impossible_length_ends_the_connection(int header, int body)
    {
        var (read, refused) = await Pass([.. Greeting, .. Int(header), .. Int(body), .. new byte[200]]);

        Assert.Equal("it sent a message of an impossible length", Assert.Single(refused));
        Assert.Equal(Greeting, read);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_sender_of_4_GiB_is_refused_before_memory_is_taken_for_it()
    {
        var header = Header(Request, sender: null);

        var (_, refused) = await Pass([.. Greeting, .. Int(header.Length), .. Int(0), .. header]);

        Assert.Equal("it sent a message with an id that is too long", Assert.Single(refused));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_header_that_ends_in_its_sender_is_refused()
    {
        var (_, refused) = await Pass([.. Greeting, .. Int(14), .. Int(0), .. Int((int)Request), .. new byte[10]]);

        Assert.Equal("it sent a message that is none", Assert.Single(refused));
    }

    // Sent in pieces of 7 bytes, so that every field comes torn.
    private static async Task<(byte[] Read, List<string> Refused)> Pass(byte[] sent)
    {
        var refused = new List<string>();
        var (wire, answers) = (new Pipe(new PipeOptions(pauseWriterThreshold: 0)), new Pipe());
        var connection = new DefaultConnectionContext
        {
            Transport = new Wire(wire.Reader, answers.Writer)
        };
        var read = new MemoryStream();
        var guarded = new ClientFrames(Sessions, refused.Add).Guard(
            connection, c => c.Transport.Input.CopyToAsync(read));
        for (var at = 0; at < sent.Length; at += 7)
        {
            wire.Writer.Write(sent.AsSpan(at, Math.Min(7, sent.Length - at)));
            if (at < 700) await wire.Writer.FlushAsync();
        }
        await wire.Writer.CompleteAsync();
        await guarded;
        return (read.ToArray(), refused);
    }

    private static byte[] Message(uint flags, string sender, int body)
    {
        var header = Header(flags, GrainId.Parse(sender));
        return [.. Int(header.Length), .. Int(body), .. header, .. new byte[body]];
    }

    private static byte[] Header(uint flags, GrainId? sender)
    {
        using var session = Sessions.GetSession();
        var buffer = new ArrayBufferWriter<byte>();
        var writer = Writer.Create(buffer, session);
        writer.WriteUInt32(flags);
        writer.WriteInt64(12345);
        if (sender is { } id)
        {
            IdSpanCodec.WriteRaw(ref writer, id.Type.Value);
            IdSpanCodec.WriteRaw(ref writer, id.Key);
        }
        else
            writer.WriteVarUInt32(uint.MaxValue); // the length of its type
        writer.Write(Encoding.UTF8.GetBytes("what follows is Orleans' own"));
        writer.Commit();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Int(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private sealed record Wire(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
