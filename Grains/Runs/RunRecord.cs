using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Times;

namespace Orleans.FL.Grains.Runs;

/// <summary>What is reported of a run.</summary>
/// <param name="Events">Its log and its watchers.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="Times">Where its time goes.</param>
internal sealed record RunRecord(RunEvents Events, RunStanding Standing, TimeAccount Times)
{
    /// <summary>Says which phase it is in.</summary>
    public PhaseClock Clock => Times.Clock;
}
