using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Grains.Interfaces;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orleans.FL.ClientCli.Watching;

/// <summary>The picture of a run at this moment, made from its events.</summary>
/// <param name="dashboard">Address of the dashboard; null if it is not known.</param>
internal sealed class RunView(Uri? dashboard = null)
{
    private const int RowsShown = 12;
    private const int BarWidth = 40;
    private const int PhasesShown = 6;

    private readonly Queue<RoundEvent> _rounds = new();
    private readonly List<double> _tests = [];
    private readonly Dictionary<string, double> _phases = []; // seconds of the run so far
    private RegisteredEvent? _run;
    private SeatedEvent? _seats;
    private ProgressEvent? _progress;
    private RunEvent? _last;
    private string? _change;
    private string? _waiting; // what the run or its record waits for; rounds may go on meanwhile
    private string? _metric; // the main one of the run's task

    /// <summary>What the user must know beside the run, e.g. that the silo does not answer; null for nothing.</summary>
    public string? Notice { get; set; }

    /// <summary>Takes in an event.</summary>
    /// <param name="e">The event.</param>
    public void Apply(RunEvent e)
    {
        Notice = null;
        switch (e)
        {
            case RegisteredEvent registered: _run = registered; break;
            case SeatedEvent seated: _seats = seated; break;
            case ProgressEvent progress: _progress = progress; return;
            case PulseEvent pulse: _waiting = pulse.Waiting; return;
            case RoundEvent round: Add(round); break;
            case SuspendedEvent or ReseatedEvent or MembersEvent: _change = RunText.Change(e); break;
        }
        _last = e;
        _progress = null;
    }

    /// <summary>The picture.</summary>
    public IRenderable Render()
    {
        var parts = new List<IRenderable> { Header() };
        if (_rounds.Count > 0) parts.Add(Table());
        if (_tests.Count > 1) parts.Add(Tests());
        if (_rounds.LastOrDefault() is { Work: not null } last) parts.Add(Pace(last));
        if (_change is not null) parts.Add(new Text(_change, new Style(Color.Yellow)));
        parts.Add(new Text(State(), StateStyle()));
        if (_waiting is not null) parts.Add(new Text(_waiting, new Style(Color.Yellow)));
        if (Notice is not null) parts.Add(new Text(Notice, new Style(Color.Yellow)));
        return new Rows(parts);
    }

    private void Add(RoundEvent round)
    {
        _rounds.Enqueue(round);
        if (_rounds.Count > RowsShown) _rounds.Dequeue();
        foreach (var (phase, seconds) in round.Work?.Phases.Where(p => p.Phase != RunTimes.Pause) ?? [])
            _phases[phase] = _phases.GetValueOrDefault(phase) + seconds;
        if (round.Metrics.MainOf("test") is { } tested) _tests.Add(tested);
        _metric = round.Metrics.Main ?? _metric;
    }

    private Panel Header()
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        if (_run is { } run)
        {
            Line("experiment", $"{run.Name}: {run.Algorithm} on {run.Topology}, {run.Dataset}, {run.Model}");
            Line("nodes", _seats is null
                ? $"{RunText.Count(run.Nodes, "node")} asked for, {RunText.Count(run.Rounds, "round")}"
                : $"{RunText.Seated(_seats)}; {RunText.Count(run.Rounds, "round")}");
            Line("folder", run.Folder);
        }
        if (dashboard is not null) Line("dashboard", dashboard.ToString());
        return new Panel(grid).Header($" {Markup.Escape(_run?.Run ?? "connecting")} ").RoundedBorder()
            .BorderColor(Color.Grey);

        void Line(string name, string text) => grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(text));
    }

    private Table Table()
    {
        var table = new Table().SimpleBorder().BorderColor(Color.Grey);
        string[] virtualTime = _rounds.Any(r => r.SimulatedSeconds is not null) ? ["simulated-time"] : [];
        string[] metrics =
            [.. _rounds.SelectMany(r => r.FurtherMetrics?.Keys ?? Enumerable.Empty<string>()).Distinct()];
        foreach (var title in (string[])["round", "train loss", $"train {RunText.Short(_metric)}", "test loss",
            $"test {RunText.Short(_metric)}", "time", .. virtualTime, "bytes", "nodes", .. metrics])
            table.AddColumn(new TableColumn(title).RightAligned().NoWrap());
        foreach (var r in _rounds)
            table.AddRow(
            [
                new Text($"{r.Round}/{r.Rounds}"), new Text(RunText.Loss(r.TrainLoss)),
                new Text(RunText.Metric(r.Metrics.MainOf("train"))), new Text(RunText.Loss(r.TestLoss)),
                new Text(RunText.Metric(r.Metrics.MainOf("test")), new Style(Color.Green)),
                new Text(RunText.Seconds(r.Seconds)), .. virtualTime.Select(_ =>
                    new Text(RunText.Seconds(r.SimulatedSeconds ?? 0))), new Text(RunText.Bytes(r.PayloadBytes)),
                new Text($"{r.Present}/{r.Nodes}", new Style(r.Present < r.Nodes ? Color.Yellow : Color.Default)),
                .. metrics.Select(m => new Text(RunText.Number(r.FurtherMetrics is { } all
                    && all.TryGetValue(m, out var value) ? value : null))),
            ]);
        return table;
    }

    private Text Tests() => new(
        $"test {_metric} {RunText.Metric(_tests[0])} {Chart.Spark(_tests, 60)} {RunText.Metric(_tests[^1])}",
        new Style(Color.Green));

    /// <summary>How fast the last round was, and where the time of the run went so far.</summary>
    private Text Pace(RoundEvent last)
    {
        var all = _phases.Values.Sum();
        var phases = _phases.OrderByDescending(p => p.Value).Take(PhasesShown).Where(p => p.Value >= 0.005 * all)
            .Select(p => $"{p.Key} {RunText.Share(p.Value / all)}");
        string[] lines = [RunText.Rates(last), $"time so far: {string.Join(", ", phases)}"];
        return new Text(string.Join(Environment.NewLine, lines.Where(l => l.Length > 0)), new Style(Color.Grey));
    }

    private string State() => _last switch
    {
        null => "waiting for the run",
        FinishedEvent or StoppedEvent or FailedEvent => string.Join(Environment.NewLine, RunText.Ending(_last)),
        PausedEvent p => $"paused after round {p.Round}; 'flctl resume {_run?.Run}' goes on",
        _ when _progress is { } p => $"round {p.Round} {Bar(p.Done, p.Total)} {p.Phase} {p.Done}/{p.Total}",
        RegisteredEvent or StartedEvent => "seating the nodes",
        SuspendedEvent => "waiting for a silo",
        _ => $"round {(_last is RoundEvent r ? r.Round + 1 : 1)} {Bar(0, 1)}",
    };

    private Style StateStyle() => _last switch
    {
        FinishedEvent => new Style(Color.Green),
        FailedEvent => new Style(Color.Red),
        StoppedEvent or PausedEvent => new Style(Color.Yellow),
        _ => new Style(Color.Aqua),
    };

    private static string Bar(int done, int total)
    {
        var filled = total <= 0 ? 0 : (int)((long)BarWidth * Math.Clamp(done, 0, total) / total);
        return new string('━', filled) + new string('╌', BarWidth - filled);
    }
}
