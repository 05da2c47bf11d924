namespace Orleans.FL.Grains.Interfaces;

/// <summary>What a round did, and how long it took: rates follow from it.</summary>
/// <param name="Clients">Nodes that trained and were present to the end.</param>
/// <param name="Samples">Samples that they trained on, counted once an epoch.</param>
/// <param name="Operations">
/// Floating-point operations of that, counted from the model; null if it does not report them.
/// </param>
/// <param name="LaneSeconds">Seconds that lanes trained them, added up over lanes.</param>
/// <param name="Lanes">Lanes of the silos that hold nodes.</param>
/// <param name="Phases">Where the coordinator's time went since the event of the round before, or since the run
/// began: recording and checkpoint are that round's, and rounds that were given up or done again in between are part
/// of it.</param>
/// <param name="PeakGflops">What those lanes could do at best, in 10⁹ floating-point operations a second; null if that
/// is not known, as of a GPU.</param>
[GenerateSerializer, Immutable, Alias("fl.round-work")]
public sealed record RoundWork([property: Id(0)] int Clients, [property: Id(1)] long Samples,
    [property: Id(2)] double? Operations, [property: Id(3)] double LaneSeconds,
    [property: Id(4)] int Lanes, [property: Id(5)] PhaseSeconds[] Phases, [property: Id(6)] double? PeakGflops = null);

/// <summary>How long a run was in a phase.</summary>
/// <param name="Phase">The phase: <c>train</c>, <c>exchange 1</c>, <c>checkpoint</c>, …</param>
/// <param name="Seconds">Seconds by the clock; phases do not overlap.</param>
[GenerateSerializer, Immutable, Alias("fl.phase-seconds")]
public readonly record struct PhaseSeconds([property: Id(0)] string Phase, [property: Id(1)] double Seconds);

/// <summary>Seconds that a silo's lanes worked for a run, added up over lanes; counts from the silo's start.</summary>
/// <param name="Elapsed">Seconds since then by the clock.</param>
/// <param name="Train">Training.</param>
/// <param name="Combine">Combining.</param>
/// <param name="Evaluate">Testing and validating.</param>
/// <param name="Other">Work for other runs, and all else.</param>
[GenerateSerializer, Immutable, Alias("fl.lane-seconds")]
public readonly record struct LaneSeconds([property: Id(0)] double Elapsed, [property: Id(1)] double Train,
    [property: Id(2)] double Combine, [property: Id(3)] double Evaluate, [property: Id(4)] double Other)
{
    /// <summary>What came to it since an earlier count of the same silo.</summary>
    /// <param name="before">The earlier count.</param>
    public LaneSeconds Since(LaneSeconds before) =>
        new(Elapsed - before.Elapsed, Train - before.Train, Combine - before.Combine,
            Evaluate - before.Evaluate, Other - before.Other);
}
