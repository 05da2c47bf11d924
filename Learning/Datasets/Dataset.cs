using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Samples to learn from and to be tested on.</summary>
public abstract class Dataset
{
    /// <summary>Folder name below a data root, and the name that <c>flctl data get</c> takes.</summary>
    public abstract string Folder { get; }

    /// <summary>Its files and where they come from; null if it needs none (made on the spot).</summary>
    public virtual DatasetOrigin? Origin => null;

    /// <summary>Name of the task that its targets are for, unless an experiment names another one.</summary>
    public virtual string Task => LearningTask.Classification;

    /// <summary>Reads the data.</summary>
    /// <param name="locator">Finds the folder.</param>
    /// <exception cref="ExperimentException">
    /// The data are absent or not what their format says; names file, offset, expected and found.
    /// </exception>
    public abstract LabeledData Load(DatasetLocator locator);
}

/// <summary>A dataset in memory: a training and a test part.</summary>
/// <param name="Train">Samples to learn from.</param>
/// <param name="Test">Samples to be tested on.</param>
/// <param name="Outputs">Outputs that a model needs a sample: as many as there are classes, or 1 for a number.</param>
public sealed record LabeledData(DataPart Train, DataPart Test, int Outputs)
{
    /// <summary>Names of those whose samples they are (users, hospitals, speakers); empty if nobody knows.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];
}
