namespace Orleans.FL.Learning.Datasets;

/// <summary>The files of a dataset, where systems keep them, and where they can be fetched.</summary>
/// <param name="Name">Folder name below a data root, and the name that <c>flctl data get</c> takes.</param>
/// <param name="Files">Names of the files without <c>.gz</c>; each may lie there plain or as gzip.</param>
public sealed record DatasetOrigin(string Name, IReadOnlyList<string> Files)
{
    /// <summary>Folders below the system's root that may hold the files, e.g. <c>usr/share/datasets/x</c>.</summary>
    public IReadOnlyList<string> SystemFolders { get; init; } = [];

    /// <summary>Files at their official address; empty if there is none.</summary>
    public IReadOnlyList<RemoteFile> Downloads { get; init; } = [];

    /// <summary>The Debian package that holds the files; null if there is none.</summary>
    public DebianPackage? Package { get; init; }
}

/// <summary>A file at its official address.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Length">Its length in bytes; more is never downloaded.</param>
/// <param name="Sha256">SHA-256 of its bytes as they are sent, in lower-case hexadecimal.</param>
public sealed record RemoteFile(Uri Address, long Length, string Sha256)
{
    /// <summary>Last part of the address.</summary>
    public string Name => Path.GetFileName(Address.AbsolutePath);
}

/// <summary>A Debian package that holds a dataset.</summary>
/// <param name="Name">Name of the package.</param>
/// <param name="Folder">Folder of the files in the package, without a leading slash.</param>
public sealed record DebianPackage(string Name, string Folder);
