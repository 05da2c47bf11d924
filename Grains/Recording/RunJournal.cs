using System.Text.Json;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Grains.Recording;

/// <summary>A run as its journal holds it: the events, and what is attached to some of them.</summary>
/// <remarks>
/// A line is an event as JSON; after a tab comes the experiment (first line) or the report of a round.
/// </remarks>
internal sealed class RunJournal
{
    private RunJournal(List<RunEvent> events, string experiment, List<RoundReport> reports, string? damage) =>
        (Events, Experiment, Reports, Damage) = (events, experiment, reports, damage);

    /// <summary>The events in their order.</summary>
    public IReadOnlyList<RunEvent> Events { get; }

    /// <summary>The experiment as canonical JSON; empty if the journal is.</summary>
    public string Experiment { get; }

    /// <summary>The reports of the rounds that are done, in their order.</summary>
    public IReadOnlyList<RoundReport> Reports { get; }

    /// <summary>Why lines that were there are left out, in one sentence; null if none are.</summary>
    public string? Damage { get; }

    /// <summary>Characters of its lines.</summary>
    public long Length { get; private init; }

    /// <summary>The first event; null if the journal is empty.</summary>
    public RegisteredEvent? Registered => Events is [RegisteredEvent first, ..] ? first : null;

    /// <summary>Changes of the members that were made while the run went on.</summary>
    public IEnumerable<MemberChange> Changes => Events.OfType<MembersEvent>().Select(m => m.Change);

    /// <summary>How the run stands when nobody works on it.</summary>
    public RunStatus Status
    {
        get
        {
            var first = Registered ?? throw new InvalidOperationException("The journal is empty.");
            var tested = Events.OfType<RoundEvent>()
                .LastOrDefault(r => r.TestLoss is not null && r.Metrics.MainOf("test") is not null)?.Metrics;
            var (state, reason, hash) = Events[^1] switch
            {
                FinishedEvent e => (RunState.Finished, null, e.WeightsSha256),
                StoppedEvent e => (RunState.Stopped, e.Reason, null),
                FailedEvent e => (RunState.Failed, e.Reason, null),
                PausedEvent => (RunState.Paused, null, null),
                RegisteredEvent => (RunState.Registered, null, null),
                _ => (RunState.Suspended, $"Its silo is gone. {Damage}".TrimEnd(), (string?)null),
            };
            return new RunStatus(first.Run, first.Name, state, Reports.Count, first.Rounds, first.Nodes,
                Reports is [.., var last] ? last.Present : 0, first.Folder, first.Time,
                tested is null ? null : new MetricValue(tested.Main!, tested.MainOf("test")!.Value), hash, reason);
        }
    }

    /// <summary>A line of the journal.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="attached">What belongs to it; JSON.</param>
    public static string Line(RunEvent happened, string? attached) => attached is null
        ? happened.ToJson()
        : $"{happened.ToJson()}\t{Compact(attached)}";

    /// <summary>Reads the lines of a journal.</summary>
    /// <param name="lines">The lines.</param>
    /// <exception cref="CheckpointException">A line is whole, and this version cannot read it.</exception>
    public static RunJournal Read(JournalLines lines)
    {
        var events = new List<RunEvent>(lines.Count);
        var reports = new List<RoundReport>();
        var experiment = "";
        foreach (var line in lines)
        {
            try
            {
                var tab = line.IndexOf('\t', StringComparison.Ordinal);
                var happened = RunEvent.FromJson(tab < 0 ? line : line[..tab]);
                events.Add(happened);
                if (tab < 0) continue;
                if (happened is RegisteredEvent) experiment = line[(tab + 1)..];
                else if (happened is RoundEvent) reports.Add(RoundReportJson.Read(line[(tab + 1)..]));
            }
            catch (Exception e) when (e is JsonException or ExperimentException or KeyNotFoundException)
            {
                throw new CheckpointException("The journal holds an event that this version cannot read in line "
                    + $"{events.Count + 1}; go on with the version that wrote it. {e.Message}", e);
            }
        }
        for (var i = 0; i < events.Count - 1; i++) events[i] = Softened(events[i]);
        return new RunJournal(events, experiment, reports, lines.ValidationError)
        {
            Length = lines.Sum(l => (long)l.Length),
        };
    }

    /// <summary>An end that was none, because the run was resumed: to a watcher it is a pause.</summary>
    /// <param name="happened">The event.</param>
    public static RunEvent Softened(RunEvent happened) => happened switch
    {
        StoppedEvent e => new SuspendedEvent(e.Rounds, e.Reason) { Sequence = e.Sequence, Time = e.Time },
        FailedEvent e => new SuspendedEvent(e.Rounds, e.Reason) { Sequence = e.Sequence, Time = e.Time },
        _ => happened,
    };

    private static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement);
    }
}
