using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Times;

/// <summary>Takes what a clock counted in portions.</summary>
/// <param name="clock">The clock; several may take from it, each for itself.</param>
internal sealed class PhaseLap(PhaseClock clock)
{
    private const int Digits = 6; // microseconds

    private readonly Dictionary<string, TimeSpan> _taken = [];

    /// <summary>
    /// Phases in the order in which they were first entered, with the seconds since the last taking; those without any
    /// are left out.
    /// </summary>
    public PhaseSeconds[] Take()
    {
        var portion = new List<PhaseSeconds>();
        foreach (var (phase, spent) in clock.Spent.ToList())
        {
            var seconds = (spent - _taken.GetValueOrDefault(phase)).TotalSeconds;
            _taken[phase] = spent;
            if (Math.Round(seconds, Digits) is > 0 and var rounded) portion.Add(new PhaseSeconds(phase, rounded));
        }
        return [.. portion];
    }
}
