using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Samples that all nodes may look at, and none trains on.</summary>
public sealed record PublicSetSettings
{
    /// <summary>Each class has the share that it has in the data.</summary>
    public const string Stratified = "stratified";

    /// <summary>All samples are equally likely.</summary>
    public const string Iid = "iid";

    /// <summary>How many samples.</summary>
    [Option("Number of the samples. Unless dataset names another one, they are taken out of the training part before "
        + "it is split, so that no node trains on one.", Min = 1, Max = 10_000_000)]
    public int Samples { get; init; } = 200;

    /// <summary>How they are drawn.</summary>
    [Option("How they are drawn: stratified = each class has the share that it has in the training part (largest "
        + "remainders); iid = all samples are equally likely.", Values = [Stratified, Iid])]
    public string Draw { get; init; } = Stratified;

    /// <summary>Another dataset whose training part they are taken from; null for the experiment's own.</summary>
    [Option("Another dataset to take them from, with samples of the same shape and as many classes; "
        + "absent = the experiment's own.")]
    public Component<Dataset>? Dataset { get; init; }
}
