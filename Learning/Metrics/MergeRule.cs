namespace Orleans.FL.Learning.Metrics;

/// <summary>How the values of a metric become one: those of a node in a round, then those of all nodes.</summary>
public enum MergeRule
{
    /// <summary>They are added up; weights do not count.</summary>
    Sum,

    /// <summary>Their mean, each by its weight.</summary>
    Mean,

    /// <summary>The greatest; weights do not count.</summary>
    Max,

    /// <summary>The least; weights do not count.</summary>
    Min,
}
