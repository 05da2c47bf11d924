using System.Runtime.InteropServices;

namespace Orleans.FL.Testing;

/// <summary>Paths that can be opened and are no files: whoever reads them waits, or reads for ever.</summary>
public static partial class NoRegularFiles
{
    /// <summary>A device without an end, on the systems that have it.</summary>
    public const string Endless = "/dev/zero";

    /// <summary>Makes a pipe that nobody writes to.</summary>
    /// <param name="path">Where.</param>
    public static string Pipe(string path) => MakeFifo(path, 0b110_000_000) == 0
        ? path
        : throw new IOException($"No pipe could be made at {path}: error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
