using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Grains.Runs;

/// <summary>The rounds of a run: who makes it, its phases, its record, its states.</summary>
/// <param name="data">The run.</param>
/// <param name="arrivals">Says who makes a round where nodes go by the clock.</param>
/// <param name="seats">Seats nodes that were idle.</param>
/// <param name="calls">Calls nodes.</param>
/// <param name="grains">The silos.</param>
/// <param name="settling">Settles states.</param>
/// <param name="record">What is reported of the run.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Logs rounds.</param>
internal sealed partial class RoundRunner(RunData data, LiveArrivals arrivals, SeatCalls seats, PhaseCalls calls,
    IClusterGrains grains, Settling settling, RunRecord record, TimeProvider time, ILogger log)
{
    private TaskMetric Main => data.Plan.Outputs.Task.Main;

    /// <summary>Runs the next round.</summary>
    /// <param name="stop">The run is to end.</param>
    /// <exception cref="SeatsLostException">A node or a silo with nodes is lost: the round is to be done
    /// again.</exception>
    public async Task Run(CancellationToken stop)
    {
        var (round, start) = (data.History.Done, time.GetTimestamp());
        var arrived = await arrivals.Gather(round, stop);
        var underWay = new RoundUnderWay(round, data, seats, calls, grains, record.Clock, log, stop);
        await underWay.Run();
        data.Seats.Behind = [.. underWay.Absent.Keys];
        var report = underWay.Report(time.GetElapsedTime(start).TotalSeconds);
        await Commit(report, underWay.Missed, arrived, stop);
        if (data.Plan.RefusalOfFruitlessRounds(data.History.Done, data.MissesOf) is { } refusal)
            throw new ExperimentException(refusal);
    }

    /// <summary>Records the round, unless it is recorded; then sees to the states after it.</summary>
    private async Task Commit(RoundReport report, Absence[] absent, RoundArrivals? arrived, CancellationToken stop)
    {
        var again = data.History.IsRecorded(report.Round - 1);
        data.History.HasDone(report.Round);
        if (again) Compare(report);
        else await Record(report, absent, arrived);
        var tested = report.Test(Main).Mean;
        var known = record.Standing.Known;
        record.Standing.Status = known with
        {
            Round = report.Round,
            Present = report.Present,
            Test = double.IsNaN(tested) ? known.Test : new MetricValue(Main.Name, tested),
        };
        await settling.Round(best: data.History.Consider(report.Round, tested), stop);
        record.Times.Count(report, data.Plan);
        record.Times.Record(report.Round);
        _ = record.Standing.Report();
    }

    private async Task Record(RoundReport report, Absence[] absent, RoundArrivals? arrived)
    {
        data.History.Add(report, absent);
        using var phase = record.Clock.In("record");
        var happened = RoundEvents.Of(report, data.Experiment, absent, data.Plan.Metrics) with
        {
            Work = record.Times.WorkOf(report, data.Plan),
            Arrivals = arrived
        };
        await record.Events.Record(happened, RoundReportJson.Write(report));
        data.History.HasWritten(report.Round);
        await Task.Run(() => record.Events.Folder.Append(folder => folder.Append(report)), CancellationToken.None);
        await record.Events.Folder.CatchUp();
        IsDone(log, data.Run, report.Round, data.Experiment.Rounds, RoundEvents.InWords(report, Main), report.Seconds,
            report.Present);
    }

    /// <summary>A round that is done again must give what it gave; if not, the machines do not compute alike.</summary>
    private void Compare(RoundReport report)
    {
        if (data.History.DiffersAt(report) is not { } node) return;
        Differs(log, data.Run, report.Round, node);
        record.Events.Folder.Write(folder => folder.Note($"Round {report.Round}, done again, gave other numbers at "
            + $"node {node} than before: the machines do not compute alike."));
    }

    [LoggerMessage(6, LogLevel.Information,
        "Run {Run}, round {Round} of {Rounds}: {Measured}{Seconds:F1} s, {Present} nodes.")]
    private static partial void IsDone(
        ILogger logger, string run, int round, int rounds, string measured, double seconds, int present);

    [LoggerMessage(19, LogLevel.Error,
        "Run {Run}, round {Round}, done again, gave other numbers at node {Node}: the machines do not compute alike.")]
    private static partial void Differs(ILogger logger, string run, int round, int node);
}
