using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Grains.Runs.State;

/// <summary>How far a run is, and what the rest of it needs to know of its rounds.</summary>
/// <remarks>After a loss rounds that are recorded are done again: then fewer rounds are done than written.</remarks>
/// <param name="main">The metric that says which test is better.</param>
internal sealed class RoundHistory(Func<TaskMetric> main)
{
    // by rounds done; of those that may have to be done again
    private readonly Dictionary<int, RoundReport> _reports = [];
    private readonly Dictionary<int, double> _tests = []; // the main metric in tests, by rounds done
    private readonly Dictionary<int, double> _losses = []; // the loss in tests, by rounds done
    // by round from 0, of those that are recorded, where there were any
    private readonly Dictionary<int, Absence[]> _absences = [];

    /// <summary>Rounds done, of which the present states are.</summary>
    public int Done { get; private set; }

    /// <summary>Rounds recorded.</summary>
    public int Written { get; private set; }

    /// <summary>The first of the rounds done with the best test; null before any.</summary>
    public (int Round, double Tested)? Best { get; private set; }

    /// <summary>Mean loss of the last test of the rounds done; null before any, and if it was no number.</summary>
    public double? TestLoss =>
        _losses.Where(l => l.Key <= Done).OrderByDescending(l => l.Key).Select(l => (double?)l.Value).FirstOrDefault()
            is { } loss && double.IsFinite(loss) ? loss : null;

    private TaskMetric Main => main();

    /// <summary>Takes what a journal holds.</summary>
    /// <param name="journal">The journal.</param>
    public void Load(RunJournal journal)
    {
        _reports.Clear();
        _tests.Clear();
        _losses.Clear();
        _absences.Clear();
        foreach (var report in journal.Reports) Note(report);
        foreach (var round in journal.Events.OfType<RoundEvent>())
            if (round.Absent is { } absent) _absences[round.Round - 1] = absent;
        Written = journal.Reports.Count;
    }

    /// <summary>Whether a round is recorded.</summary>
    /// <param name="round">Round, from 0.</param>
    public bool IsRecorded(int round) => round < Written;

    /// <summary>Who missed a round that is recorded.</summary>
    /// <param name="round">Round, from 0.</param>
    public Absence[] AbsentIn(int round) => _absences.GetValueOrDefault(round, []);

    /// <summary>The nodes have done a round.</summary>
    /// <param name="rounds">Rounds done.</param>
    public void HasDone(int rounds) => Done = rounds;

    /// <summary>Remembers a round that is about to be recorded.</summary>
    /// <param name="report">The round.</param>
    /// <param name="absent">Who missed it.</param>
    public void Add(RoundReport report, Absence[] absent)
    {
        if (absent.Length > 0) _absences[report.Round - 1] = absent;
        Note(report);
    }

    /// <summary>A round is in the journal.</summary>
    /// <param name="rounds">Rounds recorded.</param>
    public void HasWritten(int rounds) => Written = rounds;

    /// <summary>The states are those after fewer rounds than before, or others than this object knew of.</summary>
    /// <param name="rounds">Rounds done.</param>
    public void GoBack(int rounds)
    {
        (Done, Best) = (rounds, null);
        foreach (var (round, tested) in _tests.Where(a => a.Key <= rounds).OrderBy(a => a.Key))
            Consider(round, tested);
    }

    /// <summary>Takes a test for the best so far if it is.</summary>
    /// <param name="round">Rounds done.</param>
    /// <param name="tested">Mean of the main metric; NaN if nobody was tested.</param>
    /// <returns>Whether it is.</returns>
    public bool Consider(int round, double tested)
    {
        if (double.IsNaN(tested) || (Best is { } best && !Main.IsBetter(tested, best.Tested))) return false;
        Best = (round, tested);
        return true;
    }

    /// <summary>Compares a round that was done again with what is recorded of it.</summary>
    /// <param name="report">The round.</param>
    /// <returns>The first node with other numbers; null if there is none, or if the round is not known any
    /// more.</returns>
    public int? DiffersAt(RoundReport report) => !_reports.TryGetValue(report.Round, out var before) ? null
        : report.Nodes.Zip(before.Nodes).Where(n => Numbers(n.First) != Numbers(n.Second))
            .Select(n => (int?)n.First.Node).FirstOrDefault();

    /// <summary>Forgets the numbers of rounds that need not be done again.</summary>
    /// <param name="kept">Rounds done at the last checkpoint.</param>
    public void Forget(int kept)
    {
        foreach (var round in _reports.Keys.Where(r => r <= kept).ToList()) _reports.Remove(round);
    }

    private static NodeReport Numbers(NodeReport report) => report with { TrainSeconds = 0, Absence = null };

    private void Note(RoundReport report)
    {
        _reports[report.Round] = report;
        if (report.Test(Main).Mean is var tested && !double.IsNaN(tested)) _tests[report.Round] = tested;
        if (report.Nodes.Any(n => n.Present && n.Test.Samples > 0)) _losses[report.Round] = report.TestLoss.Mean;
    }
}
