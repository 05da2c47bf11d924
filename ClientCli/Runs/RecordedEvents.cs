using System.Text.Json;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>What has happened to a run, without waiting for what will.</summary>
internal static class RecordedEvents
{
    /// <summary>The events in a run's folder; a last line that was cut is left out.</summary>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<RunEvent> Of(string folder)
    {
        var file = Path.Combine(folder, "events.jsonl");
        var events = new List<RunEvent>();
        if (!UserFile.HoldsSomething(file)) return events;
        using var lines = new StreamReader(UserFile.Open(file, long.MaxValue, m => new ExperimentException(m)));
        try
        {
            while (lines.ReadLine() is { } line) events.Add(RunEvent.FromJson(line));
        }
        catch (JsonException)
        {
            // The line is being written, or was when its silo was killed; what stands before it counts.
        }
        return events;
    }

    /// <summary>The events that a silo has of a run.</summary>
    /// <param name="federation">The silo.</param>
    /// <param name="run">Run id.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<IReadOnlyList<RunEvent>> Of(
        IFederation federation, string run, CancellationToken cancellation)
    {
        var events = new List<RunEvent>();
        await foreach (var e in federation.Watch(run, 0, cancellation))
        {
            if (!e.Recorded) break; // all that is recorded comes before the first that is not
            events.Add(e);
            if (e.Final) break;
        }
        return events;
    }
}
