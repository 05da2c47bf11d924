using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;

namespace Orleans.FL.Learning.Plans;

/// <summary>Which node holds which samples.</summary>
public sealed partial class Plan
{
    /// <summary>Indices of the global test samples that are used, in ascending order.</summary>
    public int[] TestIndices { get; }

    /// <summary>For each node, indices of the test samples drawn by its own priors; empty arrays if none were asked
    /// for.</summary>
    public IReadOnlyList<int[]> LocalTest { get; }

    /// <summary>Indices of the training samples of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public int[] TrainIndices(int node) => _train[node];

    /// <summary>Indices, in the training set, of the validation samples of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public int[] ValidationIndices(int node) => _validation[node];

    private int Samples(int node) => _train[node].Length;

    private int[] CountLabels(int[] samples)
    {
        var counts = new int[Data.Outputs];
        // the topology refuses tasks without
        foreach (var sample in samples) counts[Data.Train.Targets.Classes![sample]]++;
        return counts;
    }

    private (int[][] Train, int[][] Validation) Shards(Partition partition)
    {
        var shards = partition.Train.ToArray();
        var server = _memberships[0].Server;
        if (Main.Requires.PooledData)
        {
            int[] pool = [.. _memberships[0].Ranks.SelectMany(n => partition.Train[n])];
            shards = [.. shards.Select((_, i) => i == server ? pool : [])];
        }
        var train = new int[shards.Length][];
        var validation = new int[shards.Length][];
        for (var i = 0; i < shards.Length; i++)
        {
            var held = (int)Portion.Floor(Experiment.TrainingOf(i).ValidationFraction, shards[i].Length);
            var shuffled = held == 0 ? shards[i] : (int[])shards[i].Clone();
            if (held > 0) Seeds.Stream("validation", i).Shuffle<int>(shuffled);
            (validation[i], train[i]) = (shuffled[..held], held == 0 ? shuffled : shuffled[held..]);
            Array.Sort(validation[i]);
        }
        return (train, validation);
    }

    private int[] TestSample()
    {
        var all = Data.Test.Count;
        var asked = Experiment.Evaluation.TestSamples;
        if (asked > all)
            throw new ExperimentException([new ValidationError("$.evaluation.testSamples", $"{asked} test samples are "
                + $"asked for, but the dataset has {all}; ask for at most {all}, or 0 for all.")]);
        if (asked == 0 || asked == all) return [.. Enumerable.Range(0, all)];
        var sample = Seeds.Stream("test-samples").Permutation(all)[..asked];
        Array.Sort(sample);
        return sample;
    }
}
