using System.Buffers.Binary;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.TorchLoading;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>
/// On TorchSharp's own library, as shipped or as weakened by an earlier start, and on damaged copies of it.
/// </summary>
public class ElfVersionNeedsTests
{
    private const string Anchor = "GLIBCXX_3.4.32";

    [LinuxFact]
    public void Weakening_changes_one_bit_once()
    {
        var shipped = Library();
        Strengthen(shipped);
        var weakened = shipped.ToArray();

        Assert.Equal(1, ElfVersionNeeds.Weaken(weakened, Anchor));
        Assert.Equal(0, ElfVersionNeeds.Weaken(weakened, Anchor));

        var changed = Enumerable.Range(0, shipped.Length).Where(i => shipped[i] != weakened[i]).ToList();
        Assert.Equal(2, shipped[Assert.Single(changed)] ^ weakened[changed[0]]); // VER_FLG_WEAK
    }

    [LinuxFact]
    public void A_version_that_is_not_needed_is_not_found()
    {
        var library = Library();

        Assert.Equal(0, ElfVersionNeeds.Weaken(library, "GLIBCXX_9.9"));
        Assert.Equal(0, ElfVersionNeeds.Weaken(library, "GLIBCXX_3.4.3")); // a prefix of the name is another name
    }

    [LinuxFact]
    public void A_truncated_file_is_refused_without_an_exception()
    {
        var library = Library();
        foreach (var length in new[] { 0, 1, 5, 6, 63, 64, 65, 4_096, library.Length / 2, library.Length - 1 })
        {
            var part = library[..length];

            Assert.Equal(0, ElfVersionNeeds.Weaken(part, Anchor)); // the section table is the file's end
        }
    }

    [LinuxFact]
    public void Damaged_headers_cause_no_exception_and_no_endless_walk()
    {
        var library = Library();
        var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(library.AsSpan(0x28));
        var needs = NeedsOffset(library, table);
        var stream = new Seeds(9).Stream("damage");
        int[] starts = [0, table, needs];
        for (var trial = 0; trial < 3_000; trial++)
        {
            var start = starts[trial % starts.Length];
            var room = start == 0 ? 64 : Math.Min(1_024, library.Length - start);
            var saved = library.AsSpan(start, room).ToArray();
            for (var k = 0; k < 4; k++) library[start + stream.NextInt(room)] = (byte)(stream.NextInt(3) * 127);

            ElfVersionNeeds.Weaken(library, Anchor);

            saved.CopyTo(library.AsSpan(start));
        }
    }

    [Fact]
    public void A_chain_that_leads_back_into_itself_ends()
    {
        // One section table of two: needs (64 bytes of entries whose links point 1 byte on) and its names.
        var file = new byte[64 + 2 * 64 + 4_096];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }.CopyTo(file, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(0x28), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x3A), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x3C), 2);
        Section(64, 0x6ffffffe, link: 1);
        Section(128, 3, link: 0);
        file.AsSpan(192).Fill(1); // count 257, each offset and link 0x01010101, and the like

        Assert.Equal(0, ElfVersionNeeds.Weaken(file, Anchor));

        file.AsSpan(192).Clear();
        for (var i = 192; i < file.Length; i += 4) file[i] = 1; // links of 1 byte: the walk overlaps itself
        Assert.Equal(0, ElfVersionNeeds.Weaken(file, Anchor));

        void Section(int at, uint type, uint link)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 4), type);
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at + 24), 192);
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at + 32), 4_096);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 40), link);
        }
    }

    internal static byte[] Library()
    {
        var folders = ((string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!).Split(Path.PathSeparator);
        return File.ReadAllBytes(folders.Select(f => Path.Combine(f, "libLibTorchSharp.so")).First(File.Exists));
    }

    /// <summary>Undoes the weakening, so that tests begin from the file as shipped.</summary>
    internal static void Strengthen(byte[] library)
    {
        ElfVersionNeeds.Weaken(library, Anchor);
        for (var i = NeedsOffset(library, (int)BinaryPrimitives.ReadUInt64LittleEndian(library.AsSpan(0x28))); ; i += 4)
        {
            library[i] ^= 2;
            if (ElfVersionNeeds.Weaken(library.ToArray(), Anchor) == 1) return;
            library[i] ^= 2;
        }
    }

    private static int NeedsOffset(byte[] library, int table)
    {
        for (var at = table; at < library.Length; at += 64)
            if (BinaryPrimitives.ReadUInt32LittleEndian(library.AsSpan(at + 4)) == 0x6ffffffe)
                return (int)BinaryPrimitives.ReadUInt64LittleEndian(library.AsSpan(at + 24));
        throw new InvalidDataException("The library needs no versions.");
    }
}

/// <summary>A fact about a file that exists on x64 Linux only.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux()) Skip = "The file is part of Linux builds.";
    }
}
