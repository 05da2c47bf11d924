namespace Orleans.FL.Learning.Plans;

/// <summary>What the split of an experiment's data is that its author may not have meant.</summary>
public static class SampleRemarks
{
    private const int ShownClasses = 10;

    /// <summary>The remarks, a sentence each; mostly none.</summary>
    /// <param name="plan">The plan, with its data.</param>
    public static IReadOnlyList<string> Of(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var nodes = Enumerable.Range(0, plan.Nodes);
        if (nodes.All(n => plan.TrainIndices(n).Length == 0))
            return ["No node has a training sample, so nothing is learnt; give the partitioner other sizes."];
        if (plan.Data.Train.Targets.Classes is not { } labels) return [];
        var left = labels.ToHashSet();
        foreach (var node in nodes) // mostly the first few hold all
        {
            foreach (var i in plan.TrainIndices(node)) left.Remove(labels[i]);
            if (left.Count == 0) return [];
        }
        int[] missing = [.. left.Order()];
        var shown = string.Join(", ", missing.Take(ShownClasses)) + (missing.Length > ShownClasses ? ", …" : "");
        var name = missing.Length == 1 ? "class" : "the classes";
        return [$"No node has training samples of {name} {shown}, so no model learns to tell them; "
            + "the partitioner leaves them out."];
    }
}
