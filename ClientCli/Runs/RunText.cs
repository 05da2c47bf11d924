using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>Numbers and endings of a run in words.</summary>
internal static class RunText
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>What stands for a number that was not measured.</summary>
    public const string None = "-";

    public static string Loss(double? loss) => loss is { } x && double.IsFinite(x) ? x.ToString("0.0000") : None;

    public static string Metric(double? value) => value is { } x && double.IsFinite(x) ? x.ToString("0.0000") : None;

    /// <summary>A metric's name where there is little room.</summary>
    /// <param name="metric">Its name; null if it is not known.</param>
    public static string Short(string? metric) => metric is null or "accuracy" ? "acc" : metric;

    public static string Seconds(double seconds) => seconds switch
    {
        < 10 => $"{seconds:0.00} s",
        < 600 => $"{seconds:0.0} s",
        < 36_000 => $"{seconds / 60:0.0} min",
        _ => $"{seconds / 3600:0.0} h",
    };

    /// <summary>Bytes in powers of 1000.</summary>
    /// <param name="bytes">The number.</param>
    public static string Bytes(long bytes)
    {
        var value = (double)bytes;
        var unit = 0;
        for (; value >= 999.5 && unit < Units.Length - 1; unit++) value /= 1000;
        return unit == 0 ? $"{bytes} B" : $"{value:G3} {Units[unit]}";
    }

    /// <summary>A part of a whole, as a percentage.</summary>
    /// <param name="share">0 to 1.</param>
    public static string Share(double share) => double.IsFinite(share) ? $"{100 * share:0} %" : None;

    /// <summary>So many a second, with three digits or more.</summary>
    /// <param name="perSecond">The number.</param>
    public static string Rate(double perSecond) => perSecond switch
    {
        >= 100 => $"{perSecond:N0}",
        >= 10 => $"{perSecond:0.0}",
        _ => $"{perSecond:0.00}",
    };

    /// <summary>10^9 operations a second.</summary>
    /// <param name="gflops">The number; null if it is not known.</param>
    public static string Gflops(double? gflops) => gflops is { } rate ? $"{rate:0.0}" : None;

    /// <summary>How fast a round was, lanes included; empty if that is not known, or nobody trained.</summary>
    /// <param name="r">The round.</param>
    public static string Rates(RoundEvent r)
    {
        if (r is not { Work: { Clients: > 0 } work, Seconds: > 0 and var seconds }) return "";
        var gflops = work.Operations / seconds / 1e9;
        var operations = gflops is { } rate ? $"  {Gflops(rate)} GFLOP/s{OfFmaPeak(rate, work.PeakGflops)}" : "";
        return $"{Rate(work.Clients / seconds)} clients/s  {Rate(work.Samples / seconds)} samples/s{operations}"
            + $"  lanes train {Share(work.LaneSeconds / (work.Lanes * seconds))}";
    }

    private static string OfFmaPeak(double gflops, double? peak) =>
        peak is > 0 and var most ? $" ({Share(gflops / most)} of the FMA peak)" : "";

    /// <summary>The metrics that a run records besides, each with its name; empty if there are none.</summary>
    /// <param name="values">The values by name; null for none.</param>
    public static string Further(IEnumerable<KeyValuePair<string, double>>? values) =>
        string.Concat((values ?? []).Where(v => double.IsFinite(v.Value)).Select(v => $"  {v.Key} {Number(v.Value)}"));

    /// <summary>The value of a metric, with four digits.</summary>
    /// <param name="value">The value.</param>
    public static string Number(double? value) => value is { } x && double.IsFinite(x) ? x.ToString("G4") : None;

    public static string Count(int n, string noun) => n == 1 ? $"1 {noun}" : $"{n} {noun}s";

    /// <summary>A round on one line.</summary>
    public static string Round(int round, int rounds, string? metric, double? trainLoss, double? train,
        double? testLoss, double? test, double seconds, long bytes, int present, int nodes, double? simulatedSeconds) =>
        $"round {round.ToString().PadLeft(rounds.ToString().Length)}/{rounds}  train loss {Loss(trainLoss)} "
            + $"{Short(metric)} {Metric(train)}  test loss {Loss(testLoss)} {Short(metric)} {Metric(test)}  "
            + $"{Seconds(seconds)}"
            + $"{(simulatedSeconds is { } s && double.IsFinite(s) ? $" (simulated {Seconds(s)} in all)" : "")}"
            + $"  {Bytes(bytes)}  {present}/{nodes} nodes";

    public static string Seated(SeatedEvent s) =>
        $"{s.Present} of {Count(s.Nodes, "node")} seated on {Count(s.Silos, "silo")} with {Count(s.Lanes, "lane")}; "
        + $"{s.Parameters:N0} parameters; {Seconds(s.Seconds)}";

    public static IEnumerable<string> Absences(RoundEvent r) =>
        (r.Absent ?? []).Select(a => $"  node {a.Node} missed round {r.Round}: {a.Reason}");

    /// <summary>What happened to silos and members, on one line.</summary>
    /// <param name="e">The event.</param>
    public static string Change(RunEvent e) => e switch
    {
        SuspendedEvent s => $"held after round {s.Round}: {s.Reason}",
        ReseatedEvent r => $"seated anew after round {r.Round} on {Count(r.Silos.Length, "silo")} "
            + $"({string.Join(", ", r.Silos)}), {Count(r.Moved, "node")} moved: {r.Reason}",
        MembersEvent { Change: var c } m => $"from round {c.Round} on"
            + $"{(c.Add.Length == 0 ? "" : $" with node {string.Join(", ", c.Add)}")}"
            + $"{(c.Remove.Length == 0 ? "" : $" without node {string.Join(", ", c.Remove)}")}"
            + $": {Count(m.Members, "member")}",
        _ => "",
    };

    /// <summary>How a run ended, and what can be done about it.</summary>
    /// <param name="e">The final event.</param>
    public static IEnumerable<string> Ending(RunEvent e) => e switch
    {
        FinishedEvent f =>
        [
            $"finished {Count(f.Rounds, "round")} in {Seconds(f.Seconds)}; "
                + $"test {f.Metrics.Main ?? "metric"} {Metric(f.Metrics.MainOf("test"))}",
            $"weights sha256 {f.WeightsSha256}",
            $"folder {f.Folder}",
        ],
        StoppedEvent s => [$"stopped after {Count(s.Rounds, "round")}: {s.Reason}", $"folder {s.Folder}"],
        FailedEvent f => [$"failed after {Count(f.Rounds, "round")}: {f.Reason}", $"folder {f.Folder}"],
        _ => [],
    };
}
