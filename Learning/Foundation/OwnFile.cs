namespace Orleans.FL.Learning.Foundation;

/// <summary>Files and folders that only their owner may read, from the first byte on.</summary>
public static class OwnFile
{
    private const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder, and those above it that are missing; one that is there stays as it is.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>Its full path.</returns>
    public static string MakeFolder(string path) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(path).FullName
        : Directory.CreateDirectory(path, ReadWrite | UnixFileMode.UserExecute).FullName;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="bytes">What goes in.</param>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        File.Delete(path); // its rights would stay those of the old one
        using var file = new FileStream(path, Options(FileMode.CreateNew));
        file.Write(bytes);
    }

    /// <summary>Makes an empty file to be filled; one that is there loses the rights of others.</summary>
    /// <param name="path">The file.</param>
    public static void Make(string path)
    {
        using var file = new FileStream(path, Options(FileMode.OpenOrCreate));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, ReadWrite);
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = ReadWrite;
        return options;
    }
}
