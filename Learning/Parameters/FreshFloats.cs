using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Parameters;

/// <summary>New arrays that somebody is about to fill.</summary>
/// <remarks>
/// Memory that a process has not touched yet comes from the kernel page by page, 1,625 of them for a vector of 1.66 million floats; on a virtual
/// machine that costs more than the filling. Linux gives whole blocks of 2 MiB where it is asked to, and ignores the question where it has none.
/// </remarks>
internal static unsafe partial class FreshFloats
{
    private const int HugePage = 2 << 20;
    private const int AdviseHugePages = 14;

    /// <summary>An array whose values are yet to be written.</summary>
    /// <param name="length">Number of values.</param>
    public static float[] Of(int length)
    {
        var values = GC.AllocateUninitializedArray<float>(length);
        if (OperatingSystem.IsLinux() && (long)sizeof(float) * length >= HugePage) Advise(values);
        return values;
    }

    private static void Advise(float[] values)
    {
        fixed (float* first = values)
        {
            var begin = (nint)first & -HugePage;
            var end = (nint)(first + values.Length) + HugePage - 1 & -HugePage;
            _ = Advise(begin, end - begin, AdviseHugePages); // a wish: without it the array is as good, and slower
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nint length, int advice);
}
