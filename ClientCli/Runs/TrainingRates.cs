using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>How fast a run trained.</summary>
/// <param name="Seconds">The seconds that it is over.</param>
/// <param name="Clients">Nodes that trained a second; a node counts once for each round.</param>
/// <param name="Images">Samples trained on a second.</param>
/// <param name="Gflops">Operations of that a second, in 10^9; null if they are not known for the model.</param>
internal sealed record TrainingRates(double Seconds, double Clients, double Images, double? Gflops)
{
    /// <summary>The rates of rounds over some time; null over none.</summary>
    public static TrainingRates? Over(double seconds, IReadOnlyList<RoundEvent> rounds) =>
        seconds <= 0
            ? null
            : new TrainingRates(seconds, rounds.Sum(r => (long)r.Work!.Clients) / seconds,
                rounds.Sum(r => r.Work!.Samples) / seconds, rounds.All(r => r.Work!.Operations is not null)
                    ? rounds.Sum(r => r.Work!.Operations) / seconds / 1e9
                    : null);
}
