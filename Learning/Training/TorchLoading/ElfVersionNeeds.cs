using System.Buffers.Binary;
using System.Text;

namespace Orleans.FL.Learning.Training.TorchLoading;

/// <summary>The symbol versions that a 64-bit little-endian ELF file needs of other libraries.</summary>
/// <remarks>
/// System V ABI, "Section Header", and LSB Core 5.0, 10.7 "Symbol Versioning". Nothing of the file is trusted: what
/// does not lie within it is as if it were not there, and the walk ends because it may visit no more entries than fit
/// into the section.
/// </remarks>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe;
    private const int HeaderLength = 64;
    private const int SectionLength = 64;
    private const int EntryLength = 16;
    private const ushort WeakFlag = 2;

    private static ReadOnlySpan<byte> Magic => [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]; // 64 bits, little-endian

    /// <summary>Marks one needed version as weak, so that the loader accepts a library that lacks it.</summary>
    /// <param name="file">The whole file; changed in place.</param>
    /// <param name="version">Name of the version, e.g. <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>How many needs became weak; 0 if there is none, they are weak already, or this is no such
    /// file.</returns>
    public static int Weaken(Span<byte> file, string version)
    {
        if (file.Length < HeaderLength || !file[..6].SequenceEqual(Magic)) return 0;
        var table = BinaryPrimitives.ReadUInt64LittleEndian(file[0x28..]);
        var entry = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3A..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file[0x3C..]);
        if (entry != SectionLength || !Fits(file, table, (ulong)count * SectionLength)) return 0;
        var sections = file.Slice((int)table, count * SectionLength);
        var weakened = 0;
        for (var i = 0; i < count; i++)
        {
            var section = sections.Slice(i * SectionLength, SectionLength);
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != VersionNeedSection) continue;
            var link = BinaryPrimitives.ReadUInt32LittleEndian(section[40..]);
            if (link >= count) continue;
            if (!TryBody(file, section, out var needs)) continue;
            if (!TryBody(file, sections.Slice((int)link * SectionLength, SectionLength), out var names)) continue;
            weakened += WeakenIn(needs, names, Encoding.ASCII.GetBytes(version + '\0'));
        }
        return weakened;
    }

    private static int WeakenIn(Span<byte> needs, ReadOnlySpan<byte> names, ReadOnlySpan<byte> version)
    {
        var weakened = 0;
        var budget = needs.Length / EntryLength; // each entry has bytes of its own, so an honest file never exceeds it
        for (long need = 0; Fits(needs, (ulong)need, EntryLength) && budget-- > 0;)
        {
            var header = needs.Slice((int)need, EntryLength);
            long count = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
            var at = need + BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            for (; count > 0 && Fits(needs, (ulong)at, EntryLength) && budget-- > 0; count--)
            {
                var item = needs.Slice((int)at, EntryLength);
                if (Marks(item, names, version)) weakened++;
                var nextItem = BinaryPrimitives.ReadUInt32LittleEndian(item[12..]);
                if (nextItem == 0) break;
                at += nextItem;
            }
            var next = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
            if (next == 0) break;
            need += next;
        }
        return weakened;
    }

    private static bool Marks(Span<byte> item, ReadOnlySpan<byte> names, ReadOnlySpan<byte> version)
    {
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(item[4..]);
        var name = BinaryPrimitives.ReadUInt32LittleEndian(item[8..]);
        if ((flags & WeakFlag) != 0 || !Fits(names, name, (ulong)version.Length)) return false;
        if (!names.Slice((int)name, version.Length).SequenceEqual(version)) return false;
        BinaryPrimitives.WriteUInt16LittleEndian(item[4..], (ushort)(flags | WeakFlag));
        return true;
    }

    private static bool TryBody(Span<byte> file, ReadOnlySpan<byte> section, out Span<byte> body)
    {
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(section[24..]);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(section[32..]);
        var fits = Fits(file, offset, length);
        body = fits ? file.Slice((int)offset, (int)length) : [];
        return fits;
    }

    private static bool Fits(ReadOnlySpan<byte> bytes, ulong offset, ulong length) =>
        offset <= (ulong)bytes.Length && length <= (ulong)bytes.Length - offset;
}
