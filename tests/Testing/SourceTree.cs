namespace Orleans.FL.Testing;

/// <summary>The sources that the tests were built from.</summary>
public static class SourceTree
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.FL.sln"))) return folder.FullName;
        throw new InvalidOperationException("The tests do not run within the repository.");
    }
}
