namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>How long lanes worked for a run, added up over lanes; counts from the start of the lanes.</summary>
/// <param name="Elapsed">Since the start, by the clock: each lane had so much.</param>
/// <param name="Train">Training of the run's nodes.</param>
/// <param name="Combine">Combining.</param>
/// <param name="Evaluate">Testing and validating.</param>
/// <param name="Other">All else that lanes did: work for other runs, most of all.</param>
public readonly record struct LaneTimes(
    TimeSpan Elapsed, TimeSpan Train, TimeSpan Combine, TimeSpan Evaluate, TimeSpan Other);
