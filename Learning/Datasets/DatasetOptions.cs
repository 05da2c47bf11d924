using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Options that every dataset kept in files has.</summary>
public abstract record DatasetOptions
{
    /// <summary>Folder that holds the files; null to look in the usual places.</summary>
    [Option("Folder of the files, plain or .gz; absent = look in ORLEANS_FL_DATA, the system's folders, the cache.",
        Min = 1, Max = 4096)]
    public string? Path { get; init; }
}
