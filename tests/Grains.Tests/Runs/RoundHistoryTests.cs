using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Learning.Records.Reports;
using Xunit;

namespace Orleans.FL.Grains.Tests.Runs;

public sealed class RoundHistoryTests
{
    private readonly RoundHistory _history = new(() => Classes.Task.Main);

    [Fact]
    public void The_first_round_with_the_best_test_is_the_best()
    {
        Assert.True(_history.Consider(1, 0.5));
        Assert.False(_history.Consider(2, 0.5));
        Assert.False(_history.Consider(3, double.NaN)); // nobody was tested
        Assert.True(_history.Consider(4, 0.6));

        Assert.Equal((4, 0.6), _history.Best);
    }

    [Fact]
    public void A_run_that_goes_back_forgets_what_was_best_since()
    {
        foreach (var (round, correct) in new[] { (1, 4), (2, 5), (3, 9) }) _history.Add(Report(round, correct), []);

        _history.GoBack(2);

        Assert.Equal(2, _history.Done);
        Assert.Equal((2, 0.5), _history.Best); // 5 of 10
    }

    [Fact]
    public void A_round_that_is_done_again_is_compared_with_its_record_but_for_times()
    {
        _history.Add(Report(1, 4), []);

        Assert.Null(_history.DiffersAt(Report(1, 4, seconds: 9)));
        Assert.Equal(1, _history.DiffersAt(Report(1, 5)));
        Assert.Null(_history.DiffersAt(Report(2, 5))); // nothing is known of it
        _history.Forget(kept: 1);
        Assert.Null(_history.DiffersAt(Report(1, 5)));
    }

    [Fact]
    public void A_node_that_missed_a_recorded_round_misses_it_again()
    {
        Absence[] absent = [new(1, "Busy.", "train")];
        _history.Add(Report(1, 4), absent);
        Assert.False(_history.IsRecorded(0));
        _history.HasWritten(1);

        Assert.True(_history.IsRecorded(0));
        Assert.Equal(absent, _history.AbsentIn(0));
        Assert.Empty(_history.AbsentIn(-1));
    }

    /// <summary>Two nodes; the second had some of 10 test samples right.</summary>
    private static RoundReport Report(int round, int correct, double seconds = 1) => new(
        round, [Node(0, 0, 0), Node(1, 10, correct) with { TrainSeconds = seconds }], seconds, 0);

    private static NodeReport Node(int node, int samples, int correct) =>
        new(node, 1, default, default, Classes.Sums(samples, correct, 0, 0), default, 0, 0, 0, 0, null);
}
