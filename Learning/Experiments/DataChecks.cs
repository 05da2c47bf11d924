using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Experiments;

/// <summary>What must hold between an experiment and its data, once they are loaded.</summary>
internal static class DataChecks
{
    /// <summary>Everything that does not hold.</summary>
    /// <param name="experiment">An experiment that is valid for itself.</param>
    /// <param name="data">Its data.</param>
    public static IEnumerable<ValidationError> Check(Experiment experiment, LabeledData data)
    {
        var shape = data.Train.Shape;
        if (experiment.Model.Create().Refusal(shape) is { } refusal)
            yield return new ValidationError("$.model", refusal);
        if (!experiment.TaskOrDefault().Takes(data.Train.Targets))
            yield return new ValidationError("$.task",
                $"The task {experiment.TaskName} cannot learn the targets of the dataset {experiment.Dataset.Name}; "
                    + $"leave task out, or set it to {experiment.Dataset.Create().Task}.");
        if (shape.Sizes.Count != 3 && experiment.Training.MemoryFormat == TensorFormat.ChannelsLast)
            yield return new ValidationError("$.training.memoryFormat", "Only samples of shape (channels, height, "
                + $"width) can lie pixel after pixel, not those of shape {shape}; leave memoryFormat out.");
    }
}
