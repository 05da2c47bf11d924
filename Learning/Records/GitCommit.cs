using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Records;

/// <summary>Finds the commit that a folder's files were checked out from, without running git.</summary>
public static class GitCommit
{
    /// <summary>
    /// Hash of the commit checked out in the repository that holds the folder; null if there is none.
    /// </summary>
    /// <param name="folder">Any folder; its parents are searched for <c>.git</c>.</param>
    public static string? Of(string folder)
    {
        try
        {
            for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
                if (FindGitFolder(Path.Combine(at.FullName, ".git")) is { } git) return Resolve(git);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A manifest without a commit is better than no run.
        }
        return null;
    }

    // In a linked work tree .git is a file that names the folder.
    private static string? FindGitFolder(string path)
    {
        if (Directory.Exists(path)) return path;
        const string mark = "gitdir:";
        if (FirstLine(path) is not { } line || !line.StartsWith(mark, StringComparison.Ordinal)) return null;
        return Path.GetFullPath(line[mark.Length..].Trim(), Path.GetDirectoryName(path)!); // a file's path has a folder
    }

    private static string? Resolve(string git)
    {
        var head = FirstLine(Path.Combine(git, "HEAD"));
        const string mark = "ref:";
        if (head is null || !head.StartsWith(mark, StringComparison.Ordinal)) return Hash(head);
        var name = head[mark.Length..].Trim();
        if (!name.StartsWith("refs/", StringComparison.Ordinal) || name.Contains("..")) return null;
        var common = FirstLine(Path.Combine(git, "commondir")) is { } shared ? Path.GetFullPath(shared, git) : git;
        return Hash(FirstLine(Path.Combine(git, name))) ?? Hash(FirstLine(Path.Combine(common, name)))
            ?? Packed(Path.Combine(common, "packed-refs"), name);
    }

    private static string? Packed(string path, string name) => !UserFile.HoldsSomething(path) ? null : File
        .ReadLines(path)
        .Where(line => line.EndsWith(" " + name, StringComparison.Ordinal))
        .Select(line => Hash(line[..^(name.Length + 1)])).FirstOrDefault();

    private static string? FirstLine(string path) =>
        UserFile.HoldsSomething(path) ? File.ReadLines(path).FirstOrDefault()?.Trim() : null;

    private static string? Hash(string? text) =>
        text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigitLower) ? text : null;
}
