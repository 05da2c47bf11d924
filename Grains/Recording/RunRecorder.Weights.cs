using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Grains.Recording;

/// <summary>The weights that a run leaves.</summary>
internal sealed partial class RunRecorder
{
    /// <summary>Writes final and best weights: the model that the server shares, where there is one, else the mean of
    /// those that were tested.</summary>
    /// <param name="plan">The run's plan.</param>
    /// <param name="nodes">The nodes that are seated and hold a model.</param>
    /// <param name="rounds">Rounds done.</param>
    /// <param name="best">The round, from 1, with the best test; null if nothing was tested.</param>
    /// <param name="absentIn">Who missed a round, from 0, and so holds an older model.</param>
    /// <param name="collect">Reads weights of nodes.</param>
    /// <returns>SHA-256 over the final weights of all nodes in rank order; null if a node and its weights are
    /// lost.</returns>
    public async Task<string?> WriteWeights(Plan plan, int[] nodes, int rounds, int? best,
        Func<int, IEnumerable<int>> absentIn, Collector collect)
    {
        using var hash = new WeightsHash();
        var (lost, last) = (0, Math.Max(0, rounds - 1));
        var (mean, differ) = await Mean(nodes, Counted(nodes, absentIn(last)), async node =>
        {
            var weights = await collect(node, rounds, false);
            if (weights is null) lost++;
            return weights;
        }, hash.Add, plan.Protocol.SplitsModel);
        if (mean is null) return null;
        var final = plan.SharedModel(last) is { } server ? await collect(server, rounds, true) ?? mean : mean;
        await Task.Run(() => _folder.WriteFinalWeights(final, plan.Layout, rounds));
        if (differ && nodes.Length <= MostNodeFiles)
            foreach (var node in nodes)
            {
                if (await collect(node, rounds, false) is { } weights)
                    await Task.Run(() => _folder.WriteNodeWeights(node, weights, plan.Layout, rounds));
            }
        if (best is { } round && await Best(plan, nodes, round, last, absentIn, collect) is { } model)
            await Task.Run(() => _folder.WriteBestWeights(model, plan.Layout, round));
        return lost == 0 ? hash.ToHex() : null;
    }

    private static async Task<ParameterVector?> Best(Plan plan, int[] nodes, int round, int last,
        Func<int, IEnumerable<int>> absentIn, Collector collect)
    {
        if (plan.SharedModel(last) is { } server && await collect(server, null, true) is { } shared) return shared;
        int[] tested = [.. plan.Protocol.Tested(round - 1, nodes)];
        return (await Mean(tested, Counted(tested, absentIn(round - 1)), node => collect(node, null, false), _ => { },
            plan.Protocol.SplitsModel)).Mean;
    }

    /// <summary>Those whose models count in a mean: all but those that missed the round, if any is left.</summary>
    private static HashSet<int> Counted(int[] nodes, IEnumerable<int> absent)
    {
        HashSet<int> present = [.. nodes.Except(absent)];
        return present.Count > 0 ? present : [.. nodes];
    }

    /// <summary>
    /// The mean of the weights of nodes that count, one node at a time, or their sum, if each holds a part of one
    /// model; the very weights if all of these hold the same; null if there are none.
    /// </summary>
    private static async Task<(ParameterVector? Mean, bool Differ)> Mean(int[] nodes, HashSet<int> counted,
        Func<int, Task<ParameterVector?>> weightsOf, Action<ParameterVector> each, bool parts)
    {
        if (parts) return await Whole(nodes, weightsOf, each);
        ParameterVector? first = null;
        ExactSum? sum = null;
        var (alike, differ) = (0, false);
        foreach (var node in nodes)
        {
            if (await weightsOf(node) is not { } weights) continue;
            await Task.Run(() =>
            {
                each(weights);
                if (!counted.Contains(node))
                {
                    differ = true;
                    return;
                }
                first ??= weights;
                if (sum is null && weights.Equals(first))
                {
                    alike++;
                    return;
                }
                if (sum is null)
                {
                    sum = new ExactSum(first.Length);
                    sum.Add(first.Span, alike);
                }
                sum.Add(weights.Span, 1);
            });
        }
        return sum is null ? (first, differ) : (sum.Mean(), true);
    }

    /// <summary>
    /// The model of which each node holds a part, and zeros in place of the rest; null if one of them is lost.
    /// </summary>
    private static async Task<(ParameterVector? Whole, bool Differ)> Whole(
        int[] nodes, Func<int, Task<ParameterVector?>> weightsOf, Action<ParameterVector> each)
    {
        float[]? whole = null;
        foreach (var node in nodes)
        {
            if (await weightsOf(node) is not { } part) return (null, true);
            each(part);
            whole ??= new float[part.Length];
            var held = part.Span; // once: a vector on disk is read anew each time
            for (var i = 0; i < whole.Length; i++)
                if (held[i] != 0) whole[i] = held[i];
        }
        return (whole is null ? null : ParameterVector.Own(whole), true);
    }
}
