using System.IO.Hashing;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>Encoded vectors from one silo to another.</summary>
public sealed class CodecTransferTests : IAsyncLifetime
{
    private const int Values = (2 * UpdateReader.ChunkBytes / 2) + 5; // three chunks of float16, the last one short

    private static readonly UpdateFormat Format = new(new UpdateShape(Values, [new("steps", 1, IsExact: true)]),
        new HalfPrecision());
    private static readonly UpdateAddress Address = UpdateAddress.InExchange("run", 1, 1, 0, 0);

    private readonly TransferCluster _cluster = new();

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task A_reader_on_another_silo_gets_the_values_of_those_on_the_senders_for_half_the_bytes()
    {
        var published = Publish();

        var (update, wire) = await Get();

        Assert.Equal(published.Weights, update.Weights);
        Assert.Equal(100_001, update.AuxiliaryVectors["steps"].Span[0]); // float16 has no such number
        Assert.Equal(2 * Values + 4, wire);
        Assert.Equal(Format.Bytes, wire);
        Assert.Equal(wire, _cluster.Get<SiloTraffic>(0).Now.PayloadReceived);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("giant", "bytes where")]
    [InlineData("negative", "bytes where")]
    [InlineData("short", "refuses")]
    [InlineData("codec", "of codec 'float32' where float16 is expected")]
    [InlineData("no codec", "of codec '' where float16 is expected")]
    [InlineData("infinite", "sends the value")]
    public async Task Bytes_that_are_no_such_update_are_refused_by_the_senders_name(string lie, string why)
    {
        Publish();
        var bytes = 2L * Values;
        _cluster.Failures.Lie = (chunk, offset) => lie switch
        {
            "giant" => With(chunk, total: bytes + 1),
            "negative" => With(chunk, total: -1),
            "short" => new WeightChunk(new byte[8], 8, chunk.Parts, XxHash128.HashToUInt128(new byte[8]), chunk.Codec),
            "codec" => With(chunk, codec: "float32"),
            "no codec" => With(chunk, codec: ""),
            _ => Infinite(offset),
        };

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(Get);

        Assert.StartsWith("Node 1 ", refusal.Message);
        Assert.Contains(why, refusal.Message);

        WeightChunk Infinite(long at)
        {
            var all = new byte[bytes];
            all[^1] = 0x7C; // the last value's exponent is full
            var offset = (int)at;
            return new WeightChunk(all.AsMemory(offset, (int)Math.Min(UpdateReader.ChunkBytes, bytes - offset)), bytes,
                offset == 0 ? ["weights", "steps"] : [], offset == 0 ? XxHash128.HashToUInt128(all) : null,
                offset == 0 ? "float16" : null);
        }
    }

    private Update Publish()
    {
        var update = new Update(ParameterVector.Own([.. Enumerable.Range(0, Values).Select(i => (i * 31) % 1000 / 7f)]),
            new Dictionary<string, ParameterVector> { ["steps"] = ParameterVector.Own([100_001]) });
        var encoded = Format.Encode(update, 1, keepBytes: true, new Seeds(1).Stream("codec"));
        _cluster.Published(1).Publish(Address, encoded);
        return encoded;
    }

    private Task<(Update Update, long WireBytes)> Get() =>
        _cluster.Reader(0).Get(Address, Format, CancellationToken.None);

    private static WeightChunk With(WeightChunk chunk, long? total = null, string? codec = null) =>
        new(chunk.Bytes.ToArray(), total ?? chunk.TotalBytes, chunk.Parts, chunk.Hash,
            codec is null ? chunk.Codec : codec.Length == 0 ? null : codec);
}
