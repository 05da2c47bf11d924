using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Runs that go by the clock, and what their folders give again.</summary>
internal static class FreePaceRuns
{
    public static Experiment Experiment(params string[] overrides) =>
        Toy.Experiment([.. overrides, "pace=asynchronous"]);

    public static IEnumerable<RoundEvent> Rounds(List<RunEvent> events) => events.OfType<RoundEvent>();

    public static FinishedEvent Finished(List<RunEvent> events)
    {
        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        return (FinishedEvent)events[^1];
    }

    /// <summary>
    /// The experiment that a run's folder holds to be done again; a simulation of it gives the bits of the run.
    /// </summary>
    public static async Task<Experiment> SameBits(List<RunEvent> events)
    {
        var finished = Finished(events);
        var replay = ExperimentReader.ReadFile(Path.Combine(finished.Folder, "replay.json"), []);
        var alone = await Simulated.RunAnew(replay);
        Assert.Equal(alone.Rounds.Select(r => (r.Round, r.Training.Loss, r.PayloadBytes)),
            Rounds(events).Select(r => (r.Round, r.TrainLoss ?? double.NaN, r.PayloadBytes)));
        Assert.Equal(alone.Rounds.Select(r => (r.TestAccuracy.Mean, r.TestLoss.Mean)),
            Rounds(events).Select(r => (r.TestAccuracy ?? double.NaN, r.TestLoss ?? double.NaN)));
        Assert.Equal(alone.WeightsSha256, finished.WeightsSha256);
        return replay;
    }
}
