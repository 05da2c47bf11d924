using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Spectre.Console;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>Where the time of a run went, on one page.</summary>
/// <param name="run">Run id.</param>
/// <param name="state">How it stands.</param>
/// <param name="times">Its times.</param>
/// <param name="machine">What this machine computes; null if it was not measured.</param>
internal sealed class TimesPage(string run, string state, RunTimes times, MachineRates? machine)
{
    private const int BarWidth = 30;

    /// <summary>What it comes to, in a sentence.</summary>
    public string Conclusion
    {
        get
        {
            var second = times.Phases.FirstOrDefault(p => p.Phase != RunTimes.Train);
            var most = second is null ? ""
                : $"; beside training the run spent most on '{second.Phase}' "
                    + $"({RunText.Share(second.Share)} of its time)";
            if (times.Lanes.Count == 0)
                return $"Lanes trained {RunText.Share(times.TrainingShare)} of the rounds' time{most}.";
            var all = SiloLanes.All(times.Lanes);
            var others = all.Other < 0.005 ? "" : $", worked for other runs {RunText.Share(all.Other)}";
            return $"{RunText.Share(all.Train)} of the time lanes trained, {RunText.Share(all.Combine + all.Evaluate)} "
                + $"they combined and tested{others}, {RunText.Share(all.Idle)} they had nothing to do{most}.";
        }
    }

    /// <summary>Writes the page.</summary>
    /// <param name="terminal">Where to.</param>
    public void Write(Terminal terminal)
    {
        var pause = times.Paused > 0 ? $"; paused for {RunText.Seconds(times.Paused)} more" : "";
        terminal.Output.WriteLine(
            $"run {run}: {state}, {RunText.Count(times.Rounds, "round")} in {RunText.Seconds(times.Seconds)}{pause}");
        terminal.Console.Write(Phases());
        terminal.Console.Write(Rates());
        if (times.Lanes.Count > 0) terminal.Console.Write(Lanes());
        terminal.Console.Write(Slowest());
        if (times.Lanes.Count == 0)
            terminal.Output.WriteLine(
                "What lanes did besides training is in lanes.csv, on the machine of the run's folder.");
        if (machine is { } rates)
            terminal.Output.WriteLine($"This machine computes {rates.Peak:0.0} GFLOP/s at best, and multiplies "
                + $"matrices with libtorch at {rates.MatrixMultiply:0.0} GFLOP/s at the moment.");
        terminal.Output.WriteLine(Conclusion);
    }

    /// <summary>The page as one JSON object.</summary>
    public string Json() => JsonSerializer.Serialize(
        new
        {
            run,
            state,
            rounds = times.Rounds,
            seconds = times.Seconds,
            pausedSeconds = times.Paused,
            phases = times.Phases,
            training = RatesOf(times.Training),
            inRounds = RatesOf(times.InRounds),
            peakGflops = machine?.Peak,
            matrixMultiplyGflops = machine?.MatrixMultiply,
            trainingShare = times.TrainingShare,
            lanes = times.Lanes,
            slowest = times.Slowest,
            conclusion = Conclusion,
        },
        JsonText.Line);

    private object? RatesOf(TrainingRates? rates) => rates is null ? null : new
    {
        seconds = rates.Seconds,
        clientsPerSecond = rates.Clients,
        imagesPerSecond = rates.Images,
        gflops = rates.Gflops,
        shareOfPeak = rates.Gflops / machine?.Peak,
        shareOfMatrixMultiplyRate = rates.Gflops / machine?.MatrixMultiply,
    };

    private Table Phases()
    {
        var table = New("phase", "seconds", "share");
        table.AddColumn(new TableColumn("").NoWrap());
        foreach (var p in times.Phases)
            table.AddRow(p.Phase, $"{p.Seconds:0.00}", RunText.Share(p.Share),
                new string('━', (int)Math.Round(BarWidth * p.Share)));
        return table;
    }

    private Table Rates()
    {
        string[] share = machine is null ? [] : ["of peak", "of matmul rate"];
        var table = New(["rate", "seconds", "clients/s", "samples/s", "GFLOP/s", .. share]);
        Row("in training", times.Training);
        Row("in rounds", times.InRounds);
        return table;

        void Row(string name, TrainingRates? rates)
        {
            if (rates is null) return;
            string[] cells = [name, $"{rates.Seconds:0.00}", RunText.Rate(rates.Clients), RunText.Rate(rates.Images),
                RunText.Gflops(rates.Gflops)];
            if (machine is { } most) cells = [.. cells, Share(most.Peak), Share(most.MatrixMultiply)];
            table.AddRow(cells);

            string Share(double limit) =>
                rates.Gflops is { } rate ? RunText.Share(rate / limit) : RunText.None;
        }
    }

    private Table Lanes()
    {
        var table = New("silo", "lanes", "train", "combine", "test", "other runs", "idle");
        foreach (var s in times.Lanes.Count == 1 ? times.Lanes : [.. times.Lanes, SiloLanes.All(times.Lanes)])
            table.AddRow(Markup.Escape(s.Silo), $"{s.Lanes}", RunText.Share(s.Train), RunText.Share(s.Combine),
                RunText.Share(s.Evaluate), RunText.Share(s.Other), RunText.Share(s.Idle));
        return table;
    }

    private Table Slowest()
    {
        var table = New("slowest rounds", "seconds", "longest in", "seconds");
        foreach (var r in times.Slowest)
            table.AddRow(r.Begun > 1 ? $"{r.Round} (begun {r.Begun} times)" : $"{r.Round}", $"{r.Seconds:0.00}",
                r.Phase, $"{r.PhaseSeconds:0.00}");
        return table;
    }

    private static Table New(params string[] titles)
    {
        var table = new Table().SimpleBorder();
        for (var i = 0; i < titles.Length; i++)
        {
            var column = new TableColumn(titles[i]).NoWrap();
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }
        return table;
    }
}
