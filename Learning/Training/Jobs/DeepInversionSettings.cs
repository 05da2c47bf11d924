namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>How inputs are made up.</summary>
/// <param name="Count">How many.</param>
/// <param name="Steps">Steps of Adam that they take from noise.</param>
/// <param name="LearningRate">Length of a step.</param>
/// <param name="Entropy">Weight of the mean entropy of the model's outputs for them, in nats.</param>
/// <param name="Variation">Weight of their total variation: lengths of the differences to the neighbours to the right,
/// below, and on both diagonals, the mean over images.</param>
/// <param name="Length">Weight of their Euclidean length, the mean over images.</param>
/// <param name="Statistics">Weight of how far, layer by layer, mean and variance of what BatchNorm takes in are from
/// its running ones, as Euclidean distances.</param>
public sealed record DeepInversionSettings(
    int Count, int Steps, double LearningRate, double Entropy, double Variation, double Length, double Statistics);
