using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Training.TorchLoading;

/// <summary>The allocator that libtorch uses where it is glibc's: it is told to keep memory that it has had.</summary>
/// <remarks>
/// By itself glibc maps each large block anew and unmaps it when it is freed, so every batch pays for the pages of its
/// activations again; on a virtual machine that is a third of the processor's time of a convolutional network. What is
/// kept goes back with <see cref="GiveBack"/>.
/// </remarks>
public static partial class NativeHeap
{
    // malloc.h
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int Largest = 1 << 30;
    private const int LargestBefore = 32 << 20; // older versions refuse more
    private const int Never = int.MaxValue;
    private static readonly string[] Choices = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"];
    private static volatile bool _keeps;

    /// <summary>Keeps blocks from now on, unless the environment says how glibc is to work.</summary>
    internal static void KeepBlocks()
    {
        if (!OperatingSystem.IsLinux() || IsChosenByUser) return;
        try
        {
            if (Set(MapThreshold, Largest) == 0) _ = Set(MapThreshold, LargestBefore);
            _ = Set(TrimThreshold, Never);
            _keeps = true;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, which goes by rules of its own.
        }
    }

    /// <summary>Gives memory that the allocator keeps, and nobody uses, back to the system.</summary>
    public static void GiveBack()
    {
        if (!_keeps) return;
        _ = Trim(0); // a library that has the one function has the other
    }

    private static bool IsChosenByUser => Array.Exists(Choices, c => Environment.GetEnvironmentVariable(c) is not null);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Set(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);
}
