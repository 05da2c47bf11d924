using System.Collections.Concurrent;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>The datasets of a process: one copy of each, shared by all its nodes and experiments.</summary>
/// <remarks>Concurrent callers share one load. A load that fails is tried again by the next caller.</remarks>
/// <param name="load">Reads a dataset.</param>
public sealed class DatasetCache(Func<Component<Dataset>, LabeledData> load)
{
    private readonly ConcurrentDictionary<Component<Dataset>, Lazy<LabeledData>> _loads = new();

    /// <summary>A cache of the datasets that a locator finds.</summary>
    /// <param name="locator">Finds the folders.</param>
    public DatasetCache(DatasetLocator locator) : this(dataset => dataset.Create().Load(locator)) { }

    /// <summary>A dataset, read now if nobody has before; blocks while it is read.</summary>
    /// <param name="dataset">The dataset; equal ones share a copy.</param>
    /// <exception cref="ExperimentException">The data are absent or invalid.</exception>
    public LabeledData Get(Component<Dataset> dataset)
    {
        var entry = _loads.GetOrAdd(dataset, key => new Lazy<LabeledData>(() => load(key)));
        try
        {
            return entry.Value;
        }
        catch
        {
            // This very entry only: another caller may have begun anew already.
            _loads.TryRemove(new(dataset, entry));
            throw;
        }
    }
}
