namespace Orleans.FL.ClientCli.Clusters;

/// <summary>Files that only their owner may read.</summary>
internal static class OwnFile
{
    /// <summary>Writes a file that is its owner's from the first byte on.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="bytes">What goes in.</param>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        File.Delete(path); // its rights would stay those of the old one
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(bytes);
    }
}
