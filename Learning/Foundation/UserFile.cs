namespace Orleans.FL.Learning.Foundation;

/// <summary>Opens files that users name: regular ones of a bounded length, or symbolic links to such.</summary>
/// <remarks>
/// A pipe would be waited for, and a device may have no end, so neither is opened. They show no length, as an empty
/// file does, which is of no use to anybody here.
/// </remarks>
public static class UserFile
{
    /// <summary>Bytes that a file of settings, keys or certificates may have.</summary>
    public const int LargestSettings = 1 << 20;

    /// <summary>The bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="wrong">Makes the exception from a sentence that says what is wrong with the file.</param>
    public static byte[] Read(string path, long most, Func<string, Exception> wrong)
    {
        using var file = Open(path, most, wrong);
        return Explain(path, wrong, () =>
        {
            var bytes = new byte[Math.Min(file.Length, most)]; // it may have grown since it was looked at
            var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return read == bytes.Length ? bytes : bytes[..read];
        });
    }

    /// <summary>Opens a file to be read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Bytes that it may have; it may grow beyond that while it is read.</param>
    /// <param name="wrong">Makes the exception from a sentence that says what is wrong with the file.</param>
    /// <param name="buffer">Bytes that are read ahead.</param>
    public static FileStream Open(string path, long most, Func<string, Exception> wrong, int buffer = 4096)
    {
        var info = Explain(path, wrong, () => Linked(path));
        if (Directory.Exists(path)) throw wrong($"'{path}' is a folder; name a file.");
        if (!info.Exists) throw wrong($"There is no file '{path}'.");
        if (info.Length == 0) throw wrong($"The file '{path}' is empty, or no regular file.");
        if (info.Length > most) throw wrong($"The file '{path}' has {info.Length} bytes; at most {most} are read.");
        return Explain(path, wrong, () => new FileStream(
            info.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, buffer));
    }

    /// <summary>Whether a path names a file that holds something and may be opened.</summary>
    /// <param name="path">The path; a file in a folder that a user names.</param>
    /// <exception cref="IOException">Its links go in a circle.</exception>
    public static bool HoldsSomething(string path) => Linked(path) is { Exists: true, Length: > 0 };

    // Links are followed: the length of a link is not that of the file.
    private static FileInfo Linked(string path) => new FileInfo(path) is { LinkTarget: not null } link
        ? new FileInfo(link.ResolveLinkTarget(returnFinalTarget: true)!.FullName)
        : new FileInfo(path);

    private static T Explain<T>(string path, Func<string, Exception> wrong, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = e.Message.Length == 0 ? "" : char.ToLowerInvariant(e.Message[0]) + e.Message[1..];
            throw wrong($"The file '{path}' cannot be read: {reason}");
        }
    }
}
