namespace Orleans.FL.Learning.Datasets.Fetching;

/// <summary>A way to get the files of datasets that are not on this machine.</summary>
public abstract class DatasetSource
{
    /// <summary>What people call it, e.g. <c>the official address</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it has a dataset.</summary>
    /// <param name="origin">The dataset.</param>
    public abstract bool Has(DatasetOrigin origin);

    /// <summary>Puts the files of a dataset into a folder.</summary>
    /// <param name="origin">The dataset.</param>
    /// <param name="folder">An empty folder for the files and for nothing else.</param>
    /// <param name="scratch">An empty folder for whatever else the source needs.</param>
    /// <param name="progress">Receives how far it is.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="DatasetFetchException">It cannot; says why in one clause.</exception>
    public abstract Task FetchAsync(DatasetOrigin origin, string folder, string scratch,
        IProgress<FetchProgress> progress, CancellationToken cancellationToken = default);
}

/// <summary>How far a fetch is.</summary>
/// <param name="Step">What is being done, for people.</param>
/// <param name="Done">Bytes done in this step.</param>
/// <param name="Total">Bytes to do in this step; null if unknown.</param>
public sealed record FetchProgress(string Step, long Done, long? Total);

/// <summary>A dataset could not be fetched: the message says why, and what would do.</summary>
/// <param name="message">The reason.</param>
public class DatasetFetchException(string message) : Exception(message);

/// <summary>A program that a source needs ended with an error.</summary>
/// <param name="message">What it said.</param>
public sealed class ToolFailedException(string message) : DatasetFetchException(message);
