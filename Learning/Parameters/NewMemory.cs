using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Parameters;

/// <summary>Arrays in memory that the process may not have had before.</summary>
/// <remarks>
/// Such memory comes from the kernel page by page as it is first written, 1,625 of them for a vector of 1.66 million
/// floats; on a virtual machine each costs more than the writing. Linux gives whole blocks of 2 MiB where it is asked
/// to, and all pages of a range in one call.
/// </remarks>
internal static unsafe partial class NewMemory
{
    private const int HugePage = 2 << 20;
    private const int LeastHuge = 256 << 10; // below it, many arrays share a block
    private const int Page = 4 << 10;
    private const int Piece = 31 << 20; // of memory that is prepared: fills a region of the collector's, 32 MiB
    private const int AdviseHugePages = 14;
    private const int Populate = 23;

    /// <summary>
    /// An array whose values are yet to be written. The collector never moves it, so vectors of 31 kB are not copied
    /// from generation to generation.
    /// </summary>
    /// <param name="length">Number of values.</param>
    public static float[] Of(int length)
    {
        var values = GC.AllocateUninitializedArray<float>(length, pinned: true);
        if (!OperatingSystem.IsLinux()) return values;
        fixed (float* first = values)
        {
            // wishes: where they are not granted the array is as good, and slower
            if (sizeof(float) * (long)length >= LeastHuge) Advise(first, length, HugePage, AdviseHugePages);
            Advise(first, length, Page, Populate);
        }
        return values;
    }

    /// <summary>
    /// Has the kernel give memory in blocks of 2 MiB, and leaves it to the collector, which has it for new arrays from
    /// its next full collection on.
    /// </summary>
    /// <remarks>
    /// Arrays that are made one by one come from memory that the collector takes in small pieces, which no such block
    /// fits into; on a virtual machine they cost eight times as much.
    /// </remarks>
    /// <param name="bytes">How much; rounded down to whole pieces of 31 MiB.</param>
    /// <param name="length">Number of values of the arrays; nothing is prepared for those that fit into no
    /// piece.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may hold the pieces afterwards
    public static void Prepare(long bytes, int length)
    {
        if (!OperatingSystem.IsLinux() || sizeof(float) * (long)length > Piece) return;
        for (var left = bytes; left >= Piece; left -= Piece) Of(Piece / sizeof(float));
    }

    private static void Advise(float* first, int length, int unit, int advice)
    {
        var begin = (nint)first & -unit;
        var end = (nint)(first + length) + unit - 1 & -unit;
        _ = Advise(begin, end - begin, advice);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nint length, int advice);
}
