using System.Buffers.Binary;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

public sealed class IdxFileTests : IDisposable
{
    // Two images of 2 x 3 pixels: magic, three sizes, twelve values.
    private static readonly byte[] Images =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255];
    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 9, 2];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plain_file_gives_its_values()
    {
        _folder.Write("images", Images);

        Assert.Equal(Images[16..], ReadImages());
    }

    [Fact]
    public void A_gzip_file_gives_the_same_values()
    {
        _folder.WriteGzip("images", Images);

        Assert.Equal(Images[16..], ReadImages());
    }

    [Fact]
    public void A_gzip_file_is_known_by_its_content_not_its_name()
    {
        _folder.Write("images", TempFolder.Gzip(Images));

        Assert.Equal(Images[16..], ReadImages());
    }

    [Fact]
    public void Labels_in_range_are_read()
    {
        _folder.Write("labels", Labels);

        Assert.Equal([0, 1, 9, 2], IdxFile.ReadLabels(_folder.Path, "labels", 4, 10, "toy"));
    }

    [Fact]
    public void A_label_out_of_range_is_named_with_its_offset()
    {
        _folder.Write("labels", Labels);

        var e = Assert.Throws<ExperimentException>(() => IdxFile.ReadLabels(_folder.Path, "labels", 4, 9, "toy"));

        // Eight bytes of header, then labels 0 and 1.
        Assert.Contains("offset 10: expected a label from 0 to 8, found 9", e.Message);
    }

    [Theory]
    [InlineData(0, 1, "offset 0: expected magic number 0x00000803, found 0x01000803")]
    [InlineData(2, 0x0D, "offset 0: expected magic number 0x00000803, found 0x00000D03")]
    [InlineData(3, 1, "offset 0: expected magic number 0x00000803, found 0x00000801")]
    [InlineData(3, 255, "offset 0: expected magic number 0x00000803, found 0x000008FF")]
    [InlineData(4, 0x7F, "offset 4: expected size 2, found 2130706434")]
    [InlineData(8, 0xFF, "offset 8: expected size 2, found 4278190082")]
    [InlineData(15, 4, "offset 12: expected size 3, found 4")]
    public void A_wrong_header_is_named_with_its_offset(int at, byte value, string error)
    {
        var bytes = Images.ToArray();
        bytes[at] = value;
        var path = _folder.Write("images", bytes);

        var e = Assert.Throws<ExperimentException>(() => ReadImages());

        Assert.StartsWith($"{path}, {error}; ", e.Message);
        Assert.Contains("flctl data get toy", e.Message);
    }

    [Fact]
    public void A_gzip_file_that_was_cut_off_is_called_that_and_not_by_a_length_that_it_never_had()
    {
        var whole = TempFolder.Gzip(Images);
        _folder.Write("images.gz", whole[..^7]); // its last four bytes are no longer its length

        Assert.Contains($"expected {Images.Length} bytes in all, found a gzip file that does not end with that length: "
            + "it was cut off", Assert.Throws<ExperimentException>(() => ReadImages()).Message);
    }

    [Fact]
    public void Every_truncation_of_a_plain_file_is_refused()
    {
        for (var length = 0; length < Images.Length; length++)
        {
            _folder.Write("images", Images[..length]);
            var e = Assert.Throws<ExperimentException>(() => ReadImages());
            Assert.Contains(length == 0 ? "is empty" : "offset ", e.Message);
        }
    }

    [Fact]
    public void Every_truncation_of_the_content_of_a_gzip_file_is_refused()
    {
        for (var length = 1; length < Images.Length; length++)
        {
            _folder.WriteGzip("images", Images[..length]);
            var e = Assert.Throws<ExperimentException>(() => ReadImages());
            Assert.Contains("after inflating", e.Message);
        }
    }

    [Fact]
    public void A_gzip_file_cut_in_its_stream_is_refused()
    {
        var gzip = TempFolder.Gzip(Images);
        for (var length = 0; length < gzip.Length; length++)
        {
            _folder.Write("images.gz", gzip[..length]);
            Assert.Throws<ExperimentException>(() => ReadImages());
        }
    }

    [Fact]
    public void A_gzip_file_with_a_wrong_checksum_is_refused()
    {
        var gzip = TempFolder.Gzip(Images);
        gzip[^8] ^= 1;
        _folder.Write("images.gz", gzip);

        var e = Assert.Throws<ExperimentException>(() => ReadImages());

        Assert.Contains("expected readable content", e.Message);
    }

    [Fact]
    public void Trailing_bytes_are_refused()
    {
        _folder.Write("images", [.. Images, 0]);

        var e = Assert.Throws<ExperimentException>(() => ReadImages());

        Assert.Contains("offset 28: expected 28 bytes in all, found 29", e.Message);
    }

    [Fact]
    public void Trailing_bytes_in_a_gzip_file_are_refused()
    {
        _folder.WriteGzip("images", [.. Images, 0]);

        var e = Assert.Throws<ExperimentException>(() => ReadImages());

        Assert.Contains("offset 28 after inflating: expected 28 bytes in all, found 29", e.Message);
    }

    [Fact]
    public void Trailing_bytes_behind_a_gzip_stream_are_refused()
    {
        _folder.Write("images.gz", [.. TempFolder.Gzip(Images), 0, 1, 2, 3]);

        Assert.Throws<ExperimentException>(() => ReadImages());
    }

    [Fact]
    public void A_gzip_bomb_is_not_inflated()
    {
        // 64 MiB of zeros behind a good header and good values, and a trailer that keeps quiet about them.
        var gzip = TempFolder.Gzip([.. Images, .. new byte[1 << 26]]);
        BinaryPrimitives.WriteInt32LittleEndian(gzip.AsSpan()[^4..], Images.Length);
        _folder.Write("images.gz", gzip);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var e = Assert.Throws<ExperimentException>(() => ReadImages());

        Assert.Contains("offset 28 after inflating: expected the end of the file, found more bytes", e.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Giant_sizes_in_the_header_allocate_nothing()
    {
        _folder.Write("images", [0, 0, 8, 3, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ExperimentException>(() => ReadImages());

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_short_plain_file_allocates_nothing_even_if_much_was_expected()
    {
        // A header that promises 1 GiB, as expected, and nothing behind it.
        _folder.Write("images", [0, 0, 8, 1, 0x40, 0, 0, 0]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ExperimentException>(() => IdxFile.Read(_folder.Path, "images", [1 << 30], "toy"));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void An_absent_file_is_named()
    {
        var e = Assert.Throws<ExperimentException>(() => ReadImages());

        Assert.Contains(Path.Combine(_folder.Path, "images"), e.Message);
    }

    private byte[] ReadImages() => IdxFile.Read(_folder.Path, "images", [2, 2, 3], "toy");
}
