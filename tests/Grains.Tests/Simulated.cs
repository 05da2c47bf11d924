using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// The results of the simulation for experiments on toy data; each is run once for all clusters compared with it.
/// </summary>
internal static class Simulated
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<SimulationResult>>> Results = [];

    /// <summary>The simulation's result; nobody changes it.</summary>
    /// <param name="experiment">The experiment; the same JSON is the same experiment.</param>
    public static Task<SimulationResult> Run(Experiment experiment) =>
        Results.GetOrAdd(ExperimentWriter.Canonical(experiment), _ => new(() => RunAnew(experiment))).Value;

    /// <summary>The result of a simulation that nobody will ask for again, such as that of a recorded run.</summary>
    /// <param name="experiment">The experiment.</param>
    public static Task<SimulationResult> RunAnew(Experiment experiment) =>
        Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));

    /// <summary>
    /// Asserts that a run finished with the weights of the simulation, and that each round is in it once.
    /// </summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="events">Recorded events of the run.</param>
    public static async Task HasTheBitsOf(Experiment experiment, List<RunEvent> events)
    {
        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        var alone = await Run(experiment);
        var rounds = events.OfType<RoundEvent>().ToList();
        Assert.Equal(alone.WeightsSha256, ((FinishedEvent)events[^1]).WeightsSha256);
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => (int)e.Sequence));
        Assert.Equal(alone.Rounds.Select(r => (double?)r.TestAccuracy.Mean), rounds.Select(r => r.TestAccuracy));
        Assert.Equal(alone.Rounds.Select(r => r.Present), rounds.Select(r => r.Present));
    }
}
