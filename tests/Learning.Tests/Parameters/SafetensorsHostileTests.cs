using System.Text;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tests.Records;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

public sealed class SafetensorsHostileTests
{
    private static readonly ParameterLayout OneTensor = new([new ParameterSlice("w", [2], 0, true)]);

    [Theory]
    [InlineData("""[]""", "does not begin with '{'")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} {}""", "not the JSON expected")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", "not the JSON expected")]
    [InlineData("""{"w":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}""", "not the JSON expected")]
    [InlineData("""{"w":7}""", "expected JSON StartObject, found Number")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"""
        + "\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}",
        "'w' occurs twice")]
    [InlineData("""{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "repeated member 'dtype'")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", "unknown or repeated member 'x'")]
    [InlineData("""{"w":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", "unknown dtype 'F31'")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2]}}""", "needs dtype, shape and data_offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}""", "data_offsets of two numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "whole numbers from 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "whole numbers from 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,1e99]}}""", "whole numbers from 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "data_offsets are 8 to 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "takes 12 bytes")]
    [InlineData("""{"w":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""",
        "its shape overflows")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""",
        "its shape overflows")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "data begin at 4, expected 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"""
        + "\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
        "'v': its data begin at 2, expected 4")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "a string that is no text")]
    [InlineData("""{"__metadata__":{"a":1},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        "expected JSON String, found Number")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        "'a' occurs twice")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""",
        "more than 16 numbers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}""",
        "tensor 'w': expected F32 [2], found F32 [2, 1]")]
    [InlineData("""{"w":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}""",
        "tensor 'w': expected F32 [2], found I32 [2]")]
    [InlineData("""{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "'v' is not one of the model's")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"""
        + "\"v\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}",
        "'v' is not one of the model's")]
    public void A_header_that_lies_is_refused_with_the_reason(string header, string reason) =>
        Assert.Contains(reason, Refusal(File(header, new byte[8])), StringComparison.Ordinal);

    [Fact]
    public void A_tensor_that_is_not_there_is_named() => Assert.Contains(
        "expected tensor 'w', F32 [2], but it is not there", Refusal(File("{}", [])), StringComparison.Ordinal);

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData((16UL << 20) + 1)]
    public void A_header_length_beyond_the_limit_is_refused(ulong length) =>
        Assert.Contains($"header length is {length} bytes", Refusal([.. BitConverter.GetBytes(length), .. "{}"u8]),
            StringComparison.Ordinal);

    [Fact]
    public void A_header_length_beyond_the_file_allocates_no_more_than_the_file()
    {
        byte[] file = [.. BitConverter.GetBytes(16L << 20), .. "{}"u8];

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Refusal(file);

        Assert.Contains("expected 16777216 bytes of header, found 2", refusal, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused()
    {
        var whole = SafetensorsTests.Written();
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<ExperimentException>(() =>
                Safetensors.Read(new MemoryStream(whole, 0, length), SafetensorsTests.Layout));
    }

    [Fact]
    public void A_stream_that_ends_within_a_tensor_names_it()
    {
        var whole = SafetensorsTests.Written();

        var e = Assert.Throws<ExperimentException>(() =>
            Safetensors.Read(new OneWay(new MemoryStream(whole, 0, whole.Length - 3)), SafetensorsTests.Layout));

        Assert.Contains("tensor 'scale' is cut short: expected 4 bytes, found 1", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Trailing_bytes_are_refused(bool seekable)
    {
        using var bytes = new MemoryStream([.. SafetensorsTests.Written(), 0]);

        var e = Assert.Throws<ExperimentException>(() =>
            Safetensors.Read(seekable ? bytes : new OneWay(bytes), SafetensorsTests.Layout));

        Assert.Contains(seekable ? "found 53" : "bytes follow its 52 bytes", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void A_weight_that_is_not_finite_is_named(float weight, string shown)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, ParameterVector.Own([1, weight]), OneTensor);

        var refusal = Refusal(stream.ToArray());
        stream.Position = 0;

        Assert.Contains($"tensor 'w' at index 1: expected a finite number, found {shown}", refusal,
            StringComparison.Ordinal);
        Assert.Equal([1, weight], Safetensors.Read(stream, OneTensor, NonFinite.Accept).Span.ToArray());
    }

    [Fact]
    public void Every_flipped_bit_is_refused_or_read_as_other_numbers()
    {
        var whole = SafetensorsTests.Written();
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Record.Exception(() => Safetensors.Read(new MemoryStream(flipped), SafetensorsTests.Layout)) is { } e)
                Assert.IsType<ExperimentException>(e);
        }
    }

    [Fact]
    public void Refusals_name_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.In("bad.safetensors");
        System.IO.File.WriteAllText(path, "short");

        Assert.Equal($"{path} is refused as a safetensors file: expected 8 bytes of header length, found 5.",
            Assert.Throws<ExperimentException>(() => Safetensors.ReadFile(path, OneTensor)).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var path = folder.In("none.safetensors");

        Assert.Equal($"There is no file '{path}'.", Assert.Throws<ExperimentException>(() =>
            Safetensors.ReadFile(path, OneTensor)).Message);
    }

    private static byte[] File(string header, byte[] data) =>
        [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)),
            .. Encoding.UTF8.GetBytes(header), .. data];

    private static string Refusal(byte[] file) =>
        Assert.Throws<ExperimentException>(() => Safetensors.Read(new MemoryStream(file), OneTensor)).Message;

    /// <summary>A stream like a socket: no length, no position.</summary>
    private sealed class OneWay(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }
        public override int Read(byte[] buffer, int offset, int count) =>
            inner.Read(buffer, offset, Math.Min(count, 7));
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
