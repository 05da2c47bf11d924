namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>What a lane works on.</summary>
public enum LaneWork
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>Trains a node.</summary>
    Train,

    /// <summary>Makes a node's new model of the updates that it received.</summary>
    Combine,

    /// <summary>Tests a model, or validates it.</summary>
    Evaluate,
}
