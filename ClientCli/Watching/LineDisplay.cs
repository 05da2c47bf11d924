using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Watching;

/// <summary>One plain line an event, for logs and pipes.</summary>
/// <param name="terminal">Where to.</param>
internal sealed class LineDisplay(Terminal terminal) : IRunDisplay
{
    public async Task<RunEvent?> Follow(IAsyncEnumerable<RunEvent> events)
    {
        string? said = null;
        await foreach (var e in events)
        {
            if (e is PulseEvent pulse)
            {
                if (pulse.Waiting is { } waiting && waiting != said) Notice(waiting);
                said = pulse.Waiting;
            }
            foreach (var line in Lines(e)) terminal.Output.WriteLine(line);
            if (e.Final) return e;
        }
        return null;
    }

    public void Notice(string sentence) => terminal.Error.WriteLine(sentence);

    /// <summary>An event in words; nothing for progress within a round.</summary>
    /// <param name="e">The event.</param>
    public static IEnumerable<string> Lines(RunEvent e) => e switch
    {
        RegisteredEvent r =>
        [
            $"run {r.Run}: {r.Algorithm} on {r.Topology}, {r.Dataset}, {r.Model}; {r.Nodes} nodes, {r.Rounds} rounds",
            $"folder {r.Folder}",
        ],
        SeatedEvent s => [RunText.Seated(s)],
        RoundEvent r =>
        [
            RunText.Round(r.Round, r.Rounds, r.Metrics.Main, r.TrainLoss, r.Metrics.MainOf("train"), r.TestLoss,
                r.Metrics.MainOf("test"),
                r.Seconds, r.PayloadBytes, r.Present, r.Nodes, r.SimulatedSeconds) + RunText.Further(r.FurtherMetrics)
                + (RunText.Rates(r) is { Length: > 0 } rates ? $"  {rates}" : ""),
            .. RunText.Absences(r),
        ],
        PausedEvent p => [$"paused after round {p.Round}"],
        ResumedEvent p => [$"resumed after round {p.Round}"],
        SuspendedEvent or ReseatedEvent or MembersEvent => [RunText.Change(e)],
        FinishedEvent or StoppedEvent or FailedEvent => RunText.Ending(e),
        _ => [],
    };
}
