using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Components;

/// <summary>Options that may name files whose content belongs into the experiment.</summary>
public interface IReadFiles
{
    /// <summary>The same options with the content in place of the files' names.</summary>
    /// <param name="folder">Folder that names are relative to.</param>
    /// <exception cref="ExperimentException">A file is not there, or is wrong.</exception>
    object Read(string folder);
}
