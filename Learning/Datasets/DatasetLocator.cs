namespace Orleans.FL.Learning.Datasets;

/// <summary>Finds the folder of a dataset.</summary>
/// <remarks>
/// A path of the experiment file is taken at its word: nothing else is looked at. Without one, the order is: the
/// given roots, the system's folders, the user's cache; the first folder that holds all files wins.
/// </remarks>
/// <param name="roots">Folders that hold a folder for each dataset.</param>
/// <param name="systemRoot">What the system folders of a dataset are below; <c>/</c> but in tests.</param>
/// <param name="cache">The user's cache: a folder that holds a folder for each fetched dataset.</param>
public sealed class DatasetLocator(IReadOnlyList<string> roots, string systemRoot, string cache)
{
    /// <summary>Environment variable with a list of roots, separated as in PATH.</summary>
    public const string Variable = "ORLEANS_FL_DATA";

    /// <summary>The locator that this process' environment asks for.</summary>
    public static DatasetLocator Default => new(
        Environment.GetEnvironmentVariable(Variable)?.Split(
            Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
        "/", DefaultCache);

    /// <summary>The user's cache: a folder that holds a folder for each fetched dataset.</summary>
    public string Cache => cache;

    private static string DefaultCache => Path.Combine(
        // The XDG base directory specification says to ignore relative paths.
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } home && Path.IsPathRooted(home)
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "orleans-fl", "datasets");

    /// <summary>The folder that holds all files of a dataset.</summary>
    /// <param name="origin">The dataset's files.</param>
    /// <param name="path">The experiment's own path; null to look in the usual places.</param>
    /// <exception cref="DataAbsentException">No folder holds them; lists where it looked and what would do.</exception>
    public string Locate(DatasetOrigin origin, string? path = null)
    {
        if (path is null) return Find(origin) ?? throw NotFound(origin);
        var folder = Path.GetFullPath(path);
        var missing = Missing(origin, folder);
        return missing.Count == 0 ? folder : throw new DataAbsentException(
            $"The dataset's path {folder} lacks {string.Join(", ", missing)} (plain or .gz) of {origin.Name}: " +
            $"correct the path, or leave it out and run 'flctl data get {origin.Name}'.");
    }

    /// <summary>The folder that holds all files of a dataset; null if none does.</summary>
    /// <param name="origin">The dataset's files.</param>
    public string? Find(DatasetOrigin origin) =>
        Candidates(origin).FirstOrDefault(folder => Missing(origin, folder).Count == 0);

    private IEnumerable<string> Candidates(DatasetOrigin origin) =>
    [
        .. roots.Select(root => Path.GetFullPath(Path.Combine(root, origin.Name))),
        .. origin.SystemFolders.Select(folder => Path.Combine(systemRoot, folder)),
        Path.Combine(cache, origin.Name),
    ];

    private static List<string> Missing(DatasetOrigin origin, string folder) =>
        [.. origin.Files.Where(file => DataFile.Find(folder, file) is null)];

    private DataAbsentException NotFound(DatasetOrigin origin)
    {
        var places = Candidates(origin).Select(folder =>
            Directory.Exists(folder) ? $"{folder} (lacks {string.Join(", ", Missing(origin, folder))})" : folder);
        return new DataAbsentException(
            $"Dataset '{origin.Name}' was not found; looked in {string.Join(", ", places)}: " +
            $"run 'flctl data get {origin.Name}', or set {Variable} to a folder that holds {origin.Name}/.");
    }
}
