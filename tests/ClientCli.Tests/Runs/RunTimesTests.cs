using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Runs;

public class RunTimesTests
{
    // Two rounds; round 2 was given up once. Of 40 s 16 are training, 3 seating, 1 the end; 100 more the
    // run was paused.
    internal static readonly PhaseRow[] Phases =
    [
        new(1, "seat", 3), new(1, "train", 4), new(1, "exchange 1", 2), new(1, "checkpoint", 4),
        new(2, "train", 5), new(2, "paused", 100),
        new(2, "train", 7), new(2, "exchange 1", 4), new(2, "checkpoint", 10), new(2, "end", 1),
    ];

    // a: 2 lanes for 20 s = 40 lane seconds, 20 + 4 of them at work for the run, 4 for others; b: 1 lane for 10 s, all
    // of it in training.
    internal static readonly LaneRow[] Lanes = [new(1, "a", 2, 8, 8, 1, 0, 4), new(2, "a", 2, 12, 12, 1, 2, 0),
        new(2, "b", 1, 10, 10, 0, 0, 0)];

    internal static RoundEvent Round(int round) => Sample.Round(round) with
    {
        Work = new RoundWork(20, 800, 32e9, 3, 3, [new("train", round), new("exchange 1", 0.5)]),
    };

    [Fact]
    public void Phases_add_up_over_rounds_the_longest_first_and_pauses_are_apart()
    {
        var times = RunTimes.Of([Round(1), Round(2)], Phases, Lanes)!;

        Assert.Equal((2, 40.0, 100.0), (times.Rounds, times.Seconds, times.Paused));
        Assert.Equal([new("train", 16, 0.4), new("checkpoint", 14, 0.35), new("exchange 1", 6, 0.15),
            new("seat", 3, 0.075), new("end", 1, 0.025)], times.Phases);
    }

    [Fact]
    public void Rates_are_over_training_and_over_rounds()
    {
        var times = RunTimes.Of([Round(1), Round(2)], Phases, Lanes)!;

        // 40 clients, 1600 images, 64 · 10^9 operations; 16 s of training, 36 s of rounds, in which 3 lanes
        // trained 6 s.
        Assert.Equal(new TrainingRates(16, 2.5, 100, 4), times.Training);
        Assert.Equal(new TrainingRates(36, 40 / 36.0, 1600 / 36.0, 64 / 36.0), times.InRounds);
        Assert.Equal(6 / (3 * 36.0), times.TrainingShare);
    }

    [Fact]
    public void A_model_that_nobody_counted_has_no_operations()
    {
        var times = RunTimes.Of([Round(1) with { Work = Round(1).Work! with { Operations = null } }], [], [])!;

        Assert.Null(times.Training!.Gflops);
    }

    [Fact]
    public void Lanes_are_shown_by_silo()
    {
        var times = RunTimes.Of([Round(1)], Phases, Lanes)!;

        Assert.Equal([new("a", 2, 40, 0.5, 0.05, 0.05, 0.1), new("b", 1, 10, 1, 0, 0, 0)], times.Lanes);
        Assert.Equal(0.3, times.Lanes[0].Idle, 9);
        // (20 + 10) of 50 lane seconds in training.
        Assert.Equal(0.6, SiloLanes.All(times.Lanes).Train, 9);
    }

    [Fact]
    public void The_slowest_rounds_come_with_what_they_did_longest()
    {
        var times = RunTimes.Of([Round(1), Round(2)], Phases, Lanes)!;

        // Round 2: 5 + 7 + 4 + 10 without pause and end; round 1: 4 + 2 + 4 without seating.
        Assert.Equal([new(2, 26, "train", 12, 2), new(1, 10, "train", 4, 1)], times.Slowest);
    }

    [Fact]
    public void Rounds_that_the_file_has_not_are_taken_from_the_events()
    {
        var times = RunTimes.Of([Round(1), Round(2)], [new(2, "train", 7)], [])!;

        Assert.Equal([new("train", 8, 8 / 8.5), new("exchange 1", 0.5, 0.5 / 8.5)], times.Phases);
    }

    [Fact]
    public void Without_times_there_is_nothing_to_show() =>
        Assert.Null(RunTimes.Of([Sample.Registered, Sample.Round(1)], [], []));
}
