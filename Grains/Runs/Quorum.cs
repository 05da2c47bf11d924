using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Grains.Runs;

/// <summary>Whether enough nodes are there.</summary>
internal static class Quorum
{
    /// <summary>Requires a share of the nodes.</summary>
    /// <param name="share">The share, above 0 to 1.</param>
    /// <param name="option">Path of the option that asks for it.</param>
    /// <param name="all">Nodes in all.</param>
    /// <param name="absent">Those that are missing, and why.</param>
    /// <param name="what">What the others are, as in "only 3 of 6 nodes …".</param>
    /// <exception cref="ExperimentException">Too few are there.</exception>
    public static void Require(
        double share, string option, int all, IReadOnlyDictionary<int, string> absent, string what)
    {
        var (present, needed) = (all - absent.Count, (int)Portion.Ceiling(share, all));
        if (present >= needed) return;
        var (node, reason) = absent.MinBy(a => a.Key);
        throw new ExperimentException(
            $"Only {present} of {all} nodes {what}; {option} asks for {needed}. Node {node}: {reason}");
    }
}
