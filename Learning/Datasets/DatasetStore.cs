using System.Reflection;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>What <c>flctl data</c> knows: the datasets kept in files, and which of them are here.</summary>
/// <param name="datasets">The datasets, with no path of their own; those without files are left out.</param>
/// <param name="locator">Finds their folders.</param>
public sealed class DatasetStore(IEnumerable<Dataset> datasets, DatasetLocator locator)
{
    private readonly List<Dataset> _datasets = [.. datasets.Where(d => d.Origin is not null)];

    /// <summary>The datasets of the catalog.</summary>
    /// <param name="locator">Finds their folders.</param>
    public DatasetStore(DatasetLocator locator)
        : this(Catalog<Dataset>.All.Select(spec => Catalog<Dataset>.Create(spec.Name, null)), locator) { }

    /// <summary>Finds the folders of the datasets.</summary>
    public DatasetLocator Locator => locator;

    /// <summary>All datasets, and where each is.</summary>
    public IReadOnlyList<DatasetPresence> List() => [.. _datasets.Select(Presence)];

    /// <summary>The dataset of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ExperimentException">There is none; lists those that there are.</exception>
    public Dataset Find(string name) =>
        _datasets.FirstOrDefault(d => d.Origin!.Name == name) ?? throw new ExperimentException(
            $"There is no dataset named '{name}' to fetch. " +
            $"Known: {string.Join(", ", _datasets.Select(d => d.Origin!.Name))}."); // see the constructor

    private DatasetPresence Presence(Dataset dataset)
    {
        var origin = dataset.Origin!; // the constructor keeps only datasets that have one
        var folder = locator.Find(origin);
        var bytes = folder is null ? 0 : origin.Files.Sum(file => new FileInfo(DataFile.Find(folder, file)!).Length);
        var summary = dataset.GetType().GetCustomAttribute<ComponentAttribute>()?.Summary ?? "";
        return new DatasetPresence(origin.Name, summary, folder, bytes);
    }
}

/// <summary>Whether and where a dataset is on this machine.</summary>
/// <param name="Name">Name that <c>flctl data get</c> takes.</param>
/// <param name="Summary">One sentence on what it is.</param>
/// <param name="Folder">Folder of its files; null if it is absent.</param>
/// <param name="Bytes">Bytes of its files on disk; 0 if it is absent.</param>
public sealed record DatasetPresence(string Name, string Summary, string? Folder, long Bytes);
