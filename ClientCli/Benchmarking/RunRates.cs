using System.Text.RegularExpressions;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>What a run did in its rounds, from its events and its record.</summary>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Seconds">Wall seconds from the nodes' seats to the last round's commit: all that rounds cost,
/// checkpoints and record included, which <see cref="RoundEvent.Seconds"/> leaves out.</param>
/// <param name="Clients">Nodes that trained, added up over the rounds.</param>
/// <param name="Images">Samples trained on.</param>
/// <param name="TrainSeconds">Seconds of training, added up over nodes.</param>
/// <param name="Lanes">Training lanes.</param>
/// <param name="ExchangeSeconds">Wall seconds of exchanging and combining.</param>
/// <param name="LaterSeconds">Wall seconds of a round after the first, its commit included; NaN if there is one
/// alone.</param>
internal sealed partial record RunRates(int Rounds, double Seconds, long Clients, long Images, double TrainSeconds,
    int Lanes, double ExchangeSeconds = double.NaN, double LaterSeconds = double.NaN)
{
    /// <summary>Reads a run.</summary>
    /// <param name="events">Its events.</param>
    /// <param name="metrics">Lines of its <c>metrics.csv</c>.</param>
    /// <param name="nodes">Lines of its <c>nodes.csv</c>.</param>
    /// <exception cref="MeasurementException">It did not finish.</exception>
    public static RunRates Of(IReadOnlyList<RunEvent> events, IEnumerable<string> metrics, IEnumerable<string> nodes)
    {
        if (!events.OfType<FinishedEvent>().Any())
            throw new MeasurementException(events.OfType<FailedEvent>().LastOrDefault() is { } failed
                ? $"The run failed: {failed.Reason}"
                : "The run did not finish.");
        var seated = events.OfType<SeatedEvent>().First();
        var rounds = events.OfType<RoundEvent>().ToList();
        var table = metrics.Select(line => line.Split(',')).ToList();
        return new RunRates(
            rounds.Count, (rounds[^1].Time - seated.Time).TotalSeconds, nodes.Count(line => Trained().IsMatch(line)),
            (long)Total("train_samples"), Total("train_seconds"), seated.Lanes, rounds.Sum(r => (r.Work?.Phases ?? [])
                .Where(p => p.Phase.StartsWith("exchange", StringComparison.Ordinal)).Sum(p => p.Seconds)),
            rounds.Count == 1 ? double.NaN : (rounds[^1].Time - rounds[0].Time).TotalSeconds / (rounds.Count - 1));

        double Total(string column)
        {
            var at = Array.IndexOf(table[0], column);
            return table.Skip(1).Sum(row => row[at].Length == 0 ? 0 : double.Parse(row[at]));
        }
    }

    /// <summary>The figures that follow.</summary>
    /// <param name="operationsOfSample">Operations of training on one sample; NaN if not counted.</param>
    /// <param name="peakRate">What the lanes' cores compute at best, in 10^9 operations a second.</param>
    /// <param name="gemmRate">Rate of matrix products beside the run, in 10^9 operations a second.</param>
    public IEnumerable<(Figure Figure, double Value)> Figures(
        double operationsOfSample, double peakRate, double gemmRate)
    {
        var gflops = Images == 0 ? double.NaN : Images * operationsOfSample / Seconds / 1e9;
        yield return (Figure.RoundSeconds, Seconds / Rounds);
        yield return (Figure.ExchangeSeconds, ExchangeSeconds / Rounds);
        yield return (Figure.ClientsPerSecond, Clients / Seconds);
        yield return (Figure.ImagesPerSecond, Images / Seconds);
        yield return (Figure.Gflops, gflops);
        yield return (Figure.PeakShare, gflops / peakRate);
        yield return (Figure.GemmShare, gflops / gemmRate);
        yield return (Figure.TrainingShare, TrainSeconds / (Lanes * Seconds));
    }

    // round, node, no absence, steps: a node that trained took a step.
    [GeneratedRegex("^[0-9]+,[0-9]+,,[1-9]")]
    private static partial Regex Trained();
}
