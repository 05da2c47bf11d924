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
        else
            foreach (var error in CheckBatches(experiment, experiment.Model.Create().SmallestBatch(shape)))
                yield return error;
        if (!experiment.TaskOrDefault().Takes(data.Train.Targets))
            yield return new ValidationError("$.task",
                $"The task {experiment.TaskName} cannot learn the targets of the dataset {experiment.Dataset.Name}; "
                    + $"leave task out, or set it to {experiment.Dataset.Create().Task}.");
        if (shape.Sizes.Count != 3 && experiment.Training.MemoryFormat == TensorFormat.ChannelsLast)
            yield return new ValidationError("$.training.memoryFormat", "Only samples of shape (channels, height, "
                + $"width) can lie pixel after pixel, not those of shape {shape}; leave memoryFormat out.");
    }

    private static IEnumerable<ValidationError> CheckBatches(Experiment experiment, int smallest) =>
        from t in experiment.NodeOverrides.Select((o, i) => (Path: $"$.nodeOverrides[{i}].training", o.Training))
            .Prepend((Path: "$.training", experiment.Training))
        where t.Training is { BatchSize: > 0 } && t.Training.BatchSize < smallest
        select new ValidationError($"{t.Path}.batchSize", $"The model {experiment.Model.Name} needs {smallest} samples "
            + "a step or more on images this small, because BatchNorm has no spread over fewer; "
            + $"set batchSize to {smallest} or more, not {t.Training.BatchSize}, or to 0 for all.");
}
