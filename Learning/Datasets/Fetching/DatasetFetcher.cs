using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets.Fetching;

/// <summary>Fetches datasets into the user's cache; needs no root.</summary>
/// <param name="store">The datasets.</param>
/// <param name="sources">Where to fetch from; the first that succeeds wins.</param>
public sealed class DatasetFetcher(DatasetStore store, IReadOnlyList<DatasetSource> sources)
{
    /// <summary>A fetcher that tries the official address, then Debian's packages.</summary>
    /// <param name="store">The datasets.</param>
    public DatasetFetcher(DatasetStore store) : this(store, [OfficialSource.Create(), new DebianSource()]) { }

    /// <summary>Sees to it that a dataset is on this machine and whole.</summary>
    /// <param name="name">Name of the dataset.</param>
    /// <param name="progress">Receives how far it is.</param>
    /// <param name="cancellationToken">Ends it early; the cache is then as it was.</param>
    /// <returns>The folder of the dataset.</returns>
    /// <exception cref="ExperimentException">There is no dataset of that name.</exception>
    /// <exception cref="DatasetFetchException">No source gave it; says why each did not.</exception>
    public async Task<string> FetchAsync(string name, IProgress<FetchProgress> progress,
        CancellationToken cancellationToken = default)
    {
        var dataset = store.Find(name);
        var origin = dataset.Origin!; // Find gives only datasets that have one
        if (store.Locator.Find(origin) is { } here && Flaw(dataset, store.Locator, progress) is null) return here;

        var folder = Path.Combine(store.Locator.Cache, origin.Name);
        var staging = Path.Combine(store.Locator.Cache, $".{origin.Name}-{Guid.NewGuid():N}");
        try
        {
            Publish(await StageAsync(dataset, staging, progress, cancellationToken), folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetFetchException(
                $"{folder} cannot be written ({e.Message}): free it, or set XDG_CACHE_HOME.");
        }
        finally
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        }
        return Flaw(dataset, store.Locator, progress) is { } flaw
            ? throw new DatasetFetchException(
                $"{origin.Name} was fetched to {folder}, but another copy comes first: {flaw}")
            : folder;
    }

    private async Task<string> StageAsync(Dataset dataset, string staging,
        IProgress<FetchProgress> progress, CancellationToken cancellationToken)
    {
        var origin = dataset.Origin!; // see FetchAsync
        var reasons = new List<string>();
        foreach (var source in sources.Where(source => source.Has(origin)))
        {
            // A root of its own for each source, so that the locator can be asked to load what the source brought.
            var root = Path.Combine(staging, $"{reasons.Count}");
            var files = Directory.CreateDirectory(Path.Combine(root, origin.Name)).FullName;
            var scratch = Directory.CreateDirectory(Path.Combine(root, ".scratch")).FullName;
            try
            {
                await source.FetchAsync(origin, files, scratch, progress, cancellationToken);
                if (Flaw(dataset, new DatasetLocator([root], scratch, scratch), progress) is not { } flaw) return files;
                reasons.Add($"{source.Name}: {flaw}");
            }
            catch (DatasetFetchException e)
            {
                reasons.Add($"{source.Name}: {e.Message}");
            }
        }
        throw new DatasetFetchException(reasons.Count == 0
            ? $"No source of {origin.Name} is known: put {string.Join(", ", origin.Files)} (plain or .gz) " +
              $"into {Path.Combine(store.Locator.Cache, origin.Name)}."
            : $"{origin.Name} could not be fetched ({string.Join("; ", reasons)}): " +
              $"check the network, or put its files into {Path.Combine(store.Locator.Cache, origin.Name)}.");
    }

    private static void Publish(string staged, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(staged))
        {
            // File by file: each rename is atomic, and nothing else in the user's folder is touched.
            var target = Path.Combine(folder, Path.GetFileName(file));
            File.Move(file, target, overwrite: true);
            // A invalid plain file would go before its new gzip twin.
            if (Path.GetExtension(target) == ".gz") File.Delete(Path.ChangeExtension(target, null));
        }
    }

    private static string? Flaw(Dataset dataset, DatasetLocator locator, IProgress<FetchProgress> progress)
    {
        progress.Report(new FetchProgress($"Checking {dataset.Folder}", 0, null));
        try
        {
            dataset.Load(locator);
            return null;
        }
        catch (ExperimentException e)
        {
            return e.Message;
        }
    }
}
