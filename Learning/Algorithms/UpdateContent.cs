namespace Orleans.FL.Learning.Algorithms;

/// <summary>What the main vector of an update is.</summary>
public enum UpdateContent
{
    /// <summary>Weights that the node trained, or a part of them.</summary>
    Weights,

    /// <summary>What the node's training changed.</summary>
    Changes,

    /// <summary>
    /// Something else, such as a model that was made of others' or votes: filters and attacks leave it alone.
    /// </summary>
    Other,
}
