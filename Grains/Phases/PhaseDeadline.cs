using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Grains.Phases;

/// <summary>How long a phase waits for its nodes.</summary>
/// <param name="Limit">At most so long; null for ever.</param>
/// <param name="Medians">At most so many times the time in which half of them were done; 0 for no such limit.</param>
internal readonly record struct PhaseDeadline(TimeSpan? Limit, double Medians)
{
    /// <summary>Waits for ever.</summary>
    public static PhaseDeadline None => default;

    /// <summary>A deadline that does not depend on how fast the nodes are.</summary>
    /// <param name="seconds">Seconds from the beginning of the phase.</param>
    public static PhaseDeadline After(double seconds) => new(TimeSpan.FromSeconds(seconds), 0);

    /// <summary>The deadline of a phase of a round.</summary>
    /// <param name="seating">What the experiment says of it.</param>
    public static PhaseDeadline Of(SeatingSettings seating) => seating.Absence == SeatingSettings.Wait
        ? None
        : new(TimeSpan.FromSeconds(seating.RoundDeadlineSeconds), seating.DeadlineMedians);

    /// <summary>The deadline when half of the nodes are done after some time; null if that changes nothing.</summary>
    /// <param name="median">Time from the beginning of the phase.</param>
    public TimeSpan? AfterMedian(TimeSpan median)
    {
        if (Medians == 0) return null;
        var deadline = median * Medians;
        return Limit is { } limit && limit < deadline ? null : deadline;
    }
}
