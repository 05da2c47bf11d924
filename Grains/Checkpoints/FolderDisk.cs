using System.Runtime.InteropServices;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>What the system library can and .NET cannot: put a folder's entries on disk.</summary>
internal static class FolderDisk
{
    /// <summary>
    /// Puts the names in a folder on disk, so that a rename outlives a power cut. Nothing on Windows.
    /// </summary>
    /// <remarks>Best effort: some network file systems refuse it, and there is nothing to be done about it.</remarks>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var file = Open(folder, 0);
        if (file < 0) return;
        _ = Fsync(file);
        _ = Close(file);
    }

    [DllImport("libc",
        EntryPoint = "open", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int file);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
}
