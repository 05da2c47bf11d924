using System.Text;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tests.Records;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

public sealed class SafetensorsTests
{
    // Two trainable tensors, a scalar and a buffer; names in another order than the vector's.
    internal static readonly ParameterLayout Layout = new(
    [
        new ParameterSlice("fc.weight", [2, 3], 0, true),
        new ParameterSlice("bias", [2], 6, true),
        new ParameterSlice("scale", [], 8, true),
        new ParameterSlice("bn.running_mean", [2], 9, false),
    ], ["bn.num_batches_tracked"]);

    internal static readonly ParameterVector Weights =
        ParameterVector.Own([1, 2, 3, 4, 5, 6, -1, -2, 0.5f, float.Epsilon, -0f]);

    internal static byte[] Written(IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, Weights, Layout, metadata);
        return stream.ToArray();
    }

    [Fact]
    public void What_was_written_is_read_bit_for_bit() =>
        Assert.Equal(Weights, Safetensors.Read(new MemoryStream(Written()), Layout));

    [Fact]
    public void What_was_read_is_written_byte_for_byte()
    {
        var metadata = new Dictionary<string, string> { ["round"] = "7", ["format"] = "pt" };
        var bytes = Written(metadata);

        var header = Safetensors.ReadHeader(new MemoryStream(bytes));
        var weights = Safetensors.Read(new MemoryStream(bytes), Layout);
        using var again = new MemoryStream();
        Safetensors.Write(again, weights, Layout, header.Metadata);

        Assert.Equal(metadata, header.Metadata);
        Assert.Equal(bytes, again.ToArray());
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        var layout = new ParameterLayout(
            [new ParameterSlice("b", [1], 0, true), new ParameterSlice("a", [1, 2], 1, true)], ["n"]);
        const string header =
            """{"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"""
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}}";
        var padded = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected =
        [
            .. BitConverter.GetBytes((long)padded.Length), .. Encoding.UTF8.GetBytes(padded),
            0, 0, 0, 0, 0, 0, 0, 0,                         // n = 0
            0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x40, 0x40, // a = 2, 3
            0x00, 0x00, 0x80, 0x3F,                         // b = 1
        ];

        using var stream = new MemoryStream();
        Safetensors.Write(stream, ParameterVector.Own([1, 2, 3]), layout);

        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void Data_begin_at_a_multiple_of_eight()
    {
        for (var length = 0; length < 8; length++)
        {
            var bytes = Written(new Dictionary<string, string> { ["pad"] = new('x', length) });

            Assert.Equal(0, BitConverter.ToInt64(bytes) % 8);
        }
    }

    [Fact]
    public void Equal_metadata_in_another_order_are_equal_bytes() => Assert.Equal(
        Written(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }),
        Written(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }));

    [Fact]
    public void A_stream_that_cannot_seek_is_read_too()
    {
        using var bytes = new MemoryStream(Written());
        using var gzip = new MemoryStream();
        using (var zip = new System.IO.Compression.GZipStream(gzip,
            System.IO.Compression.CompressionMode.Compress, true))
            bytes.CopyTo(zip);
        gzip.Position = 0;
        using var unzip = new System.IO.Compression.GZipStream(gzip, System.IO.Compression.CompressionMode.Decompress);

        Assert.Equal(Weights, Safetensors.Read(unzip, Layout));
    }

    [Fact]
    public void A_header_has_names_types_and_shapes_in_the_order_of_the_data()
    {
        var tensors = Safetensors.ReadHeader(new MemoryStream(Written())).Tensors;

        Assert.Equal(
            ["bn.num_batches_tracked I64 ", "bias F32 2", "bn.running_mean F32 2", "fc.weight F32 2 3", "scale F32 "],
            tensors.Select(t => $"{t.Name} {t.Dtype} {string.Join(' ', t.Shape)}"));
    }

    [Fact]
    public void A_file_is_replaced_as_a_whole_and_leaves_nothing_beside_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.In("w.safetensors");
        File.WriteAllBytes(path, new byte[100_000]);

        Safetensors.WriteFile(path, Weights, Layout);

        Assert.Equal(Weights, Safetensors.ReadFile(path, Layout));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.In("w.safetensors");
        File.WriteAllText(path, "old");

        Assert.Throws<ArgumentException>(() => Safetensors.WriteFile(path, ParameterVector.Zeros(3), Layout));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_million_weights_survive()
    {
        var values = new float[1_000_000];
        for (var i = 0; i < values.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)i * 2_000 + 1);
        var layout = new ParameterLayout([new ParameterSlice("w", [1000, 1000], 0, true)]);
        using var stream = new MemoryStream();

        Safetensors.Write(stream, ParameterVector.Own(values), layout);
        stream.Position = 0;

        Assert.Equal(ParameterVector.Own(values), Safetensors.Read(stream, layout));
    }
}
