using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Plans;

/// <summary>Draws public sets, and splits what is left.</summary>
/// <remarks>A function of the experiment's seed and its data: all silos draw the same samples.</remarks>
internal static class PublicSets
{
    /// <summary>
    /// The public samples, ascending, and the training samples that are left, ascending; null if all are.
    /// </summary>
    /// <param name="settings">How many, of what; null for none.</param>
    /// <param name="data">The data that nodes train on.</param>
    /// <param name="other">The data that the settings name, if they name such.</param>
    /// <param name="seeds">The experiment's randomness.</param>
    /// <exception cref="ExperimentException">There are not enough samples, or the other data have another shape or
    /// number of classes.</exception>
    public static (SampleSet Shared, int[]? Left) Draw(
        PublicSetSettings? settings, LabeledData data, LabeledData? other, Seeds seeds)
    {
        if (settings is null) return (new SampleSet(data.Train, []), null);
        var source = settings.Dataset is null
            ? data
            : other ?? throw new ArgumentException("The public set is of another dataset, which was not given.",
                nameof(other));
        if (Errors(settings, data, source).ToList() is { Count: > 0 } errors) throw new ExperimentException(errors);
        var drawn = Indices(settings, source, seeds.Stream("public-set"));
        if (settings.Dataset is not null) return (new SampleSet(source.Train, drawn), null);
        var shared = drawn.ToHashSet();
        return (new SampleSet(data.Train, drawn),
            [.. Enumerable.Range(0, data.Train.Count).Where(i => !shared.Contains(i))]);
    }

    /// <summary>Classes of the samples that are left; all 0 where samples are of no classes.</summary>
    /// <param name="train">All of them.</param>
    /// <param name="left">Which are left; null if all are.</param>
    public static int[] Labels(DataPart train, int[]? left)
    {
        var labels = train.Targets.Classes ?? new int[train.Count];
        return left is null ? labels : Array.ConvertAll(left, i => labels[i]);
    }

    /// <summary>Users of the samples that are left; empty where nobody knows them.</summary>
    /// <param name="part">All of them.</param>
    /// <param name="left">Which are left; null if all are.</param>
    public static int[] Users(DataPart part, int[]? left) => part.Users is not { } users ? []
        : left is null ? users : Array.ConvertAll(left, i => users[i]);

    /// <summary>Splits what is left.</summary>
    /// <param name="partitioner">Splits it.</param>
    /// <param name="request">What is left.</param>
    /// <param name="left">Which samples these are; null if all are.</param>
    /// <param name="taken">Number of those that are public.</param>
    /// <returns>Indices into the whole training part.</returns>
    /// <exception cref="ExperimentException">More is asked than is left.</exception>
    public static Partition Split(Partitioner partitioner, PartitionRequest request, int[]? left, int taken)
    {
        if (left is null) return partitioner.Split(request);
        try
        {
            var partition = partitioner.Split(request);
            return partition with
            {
                Train = [.. partition.Train.Select(indices => Array.ConvertAll(indices, i => left[i]))]
            };
        }
        catch (ExperimentException e)
        {
            throw new ExperimentException([.. e.Errors.Select(f => f with
            {
                Message = $"{f.Message} {taken} of {taken + left.Length} training samples are the public set; "
                    + "fewer there (publicSet.samples) leave more to the nodes.",
            })]);
        }
    }

    private static IEnumerable<ValidationError> Errors(PublicSetSettings settings, LabeledData data, LabeledData source)
    {
        var (mine, its) = (data.Train.Shape, source.Train.Shape);
        if (its != mine)
            yield return new ValidationError("$.publicSet.dataset", $"Its samples have the shape {its}, "
                + $"those that nodes train on {mine}; name a dataset of that shape, or leave dataset out.");
        if (source.Outputs != data.Outputs)
            yield return new ValidationError("$.publicSet.dataset", $"It has {source.Outputs} classes, the data that "
                + $"nodes train on have {data.Outputs}; name a dataset of as many, or leave dataset out.");
        var most = source.Train.Count - (settings.Dataset is null ? 1 : 0);
        if (settings.Samples > most)
            yield return new ValidationError("$.publicSet.samples", $"{settings.Samples} public samples are asked for, "
                + $"but there are {source.Train.Count} training samples"
                + (settings.Dataset is null ? ", of which nodes must get some" : "") + $"; ask for {most} at most.");
    }

    private static int[] Indices(PublicSetSettings settings, LabeledData source, RandomStream stream)
    {
        if (settings.Draw == PublicSetSettings.Iid)
            return [.. stream.Sample(source.Train.Count, settings.Samples).Order()];
        var pools = new ClassPools(Labels(source.Train, null),
            source.Train.Targets.Classes is null ? 1 : source.Outputs, stream);
        double[] shares = [.. Enumerable.Range(0, pools.Classes).Select(c => (double)pools.Stock(c))];
        var parts = Apportionment.Cut(settings.Samples, shares, pools.Stock)!; // there are as many: it was checked
        return [.. parts
            .SelectMany((count, label) => Enumerable.Range(0, count).Select(_ => pools.Take(label))).Order()];
    }
}
