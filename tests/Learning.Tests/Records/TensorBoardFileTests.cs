using System.Globalization;
using Orleans.FL.Learning.Records.TensorBoard;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class TensorBoardFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Clock _time = new("2026-01-02T03:04:05.25Z");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_readers_checksum_is_the_published_one() =>
        // check value of CRC-32C in RFC 3720's catalogue
        Assert.Equal(0xE3069283, TensorBoardReader.Crc32C("123456789"u8));

    [Fact]
    public void The_first_event_is_the_version()
    {
        using var file = TensorBoardFile.Create(_folder.Path, _time);

        var only = Assert.Single(TensorBoardReader.Read(file.Path));

        Assert.Equal("brain.Event:2", only.FileVersion);
        Assert.Equal(1767323045.25, only.WallTime);
        Assert.StartsWith("events.out.tfevents.1767323045.", Path.GetFileName(file.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scalar_is_these_bytes()
    {
        string path;
        using (var file = TensorBoardFile.Create(_folder.Path, _time))
        {
            path = file.Path;
            file.Write(300, [new Scalar("a/b", 0.5f)]);
        }

        // Worked out by hand from the .proto: wall time, step 300 = AC 02, summary of 12 bytes, value of
        // 10, tag, value.
        byte[] expected =
        [
            0x09, .. BitConverter.GetBytes(1767323045.25), 0x10, 0xAC, 0x02,
            0x2A, 12, 0x0A, 10, 0x0A, 3, (byte)'a', (byte)'/', (byte)'b', 0x15, 0x00, 0x00, 0x00, 0x3F,
        ];
        Assert.Equal(expected, File.ReadAllBytes(path)[^(expected.Length + 4)..^4]);
        Assert.Equal((ulong)expected.Length,
            BitConverter.ToUInt64(File.ReadAllBytes(path), File.ReadAllBytes(path).Length - expected.Length - 16));
    }

    [Fact]
    public void Long_tags_many_scalars_and_extreme_numbers_survive()
    {
        var scalars = Enumerable.Range(0, 300).Select(i => new Scalar($"{new string('é', i)}/{i}", i * 1e30f)).ToList();
        using var file = TensorBoardFile.Create(_folder.Path, _time);

        file.Write(long.MaxValue, scalars);
        file.Write(-1, [new Scalar("x", float.NaN)]);
        file.Flush();

        var events = TensorBoardReader.Read(file.Path);
        Assert.Equal(scalars.ToDictionary(s => s.Tag, s => s.Value), events[1].Scalars);
        Assert.Equal([0, long.MaxValue, -1], events.Select(e => e.Step));
        Assert.Equal(float.NaN, events[2].Scalars["x"]);
    }

    [Fact]
    public void An_event_without_scalars_is_not_written()
    {
        using var file = TensorBoardFile.Create(_folder.Path, _time);
        file.Write(1, []);
        file.Flush();

        Assert.Single(TensorBoardReader.Read(file.Path));
    }

    [Fact]
    public void Several_threads_write_whole_records()
    {
        using var file = TensorBoardFile.Create(_folder.Path, _time);

        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 },
            i => file.Write(i, [new Scalar($"tag/{i}", i)]));
        file.Flush();

        var events = TensorBoardReader.Read(file.Path).Skip(1).ToList();
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), events.Select(e => e.Step).Order());
        Assert.All(events, e => Assert.Equal(e.Step, e.Scalars[$"tag/{e.Step}"]));
    }

    [Fact]
    public void Two_files_of_one_second_do_not_meet()
    {
        using var one = TensorBoardFile.Create(_folder.Path, _time);
        using var two = TensorBoardFile.Create(_folder.Path, _time);

        Assert.NotEqual(one.Path, two.Path);
    }

    [Fact]
    public void The_reader_refuses_a_flipped_bit()
    {
        string path;
        using (var file = TensorBoardFile.Create(_folder.Path, _time)) path = file.Path;
        var bytes = File.ReadAllBytes(path);

        for (var i = 0; i < bytes.Length; i++)
        {
            byte[] flipped = [.. bytes];
            flipped[i] ^= 1;
            File.WriteAllBytes(path, flipped);
            Assert.Throws<InvalidDataException>(() => TensorBoardReader.Read(path));
        }
    }

    internal sealed class Clock(string now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.Parse(now, CultureInfo.InvariantCulture);
    }
}
