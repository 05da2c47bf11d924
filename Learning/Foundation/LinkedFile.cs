namespace Orleans.FL.Learning.Foundation;

/// <summary>The file that a path names, whether by itself or by a symbolic link.</summary>
internal static class LinkedFile
{
    /// <summary>The file, links followed: the length of a link is not that of the file.</summary>
    /// <param name="path">The path; there need not be such a file.</param>
    /// <exception cref="IOException">The links go in a circle.</exception>
    public static FileInfo Of(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link
            ? new FileInfo(link.ResolveLinkTarget(returnFinalTarget: true)!.FullName)
            : new FileInfo(path);
}
