using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Watching;

/// <summary>Shows a run while it happens.</summary>
internal interface IRunDisplay
{
    /// <summary>Shows the events as they come.</summary>
    /// <param name="events">Events of one run, in order.</param>
    /// <returns>The event that ended the run; null if the events ended without one.</returns>
    Task<RunEvent?> Follow(IAsyncEnumerable<RunEvent> events);

    /// <summary>Shows the user a notice that is not an event of the run.</summary>
    /// <param name="sentence">The sentence.</param>
    void Notice(string sentence);
}
