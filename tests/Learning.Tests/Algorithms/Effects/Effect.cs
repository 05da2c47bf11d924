using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Learning.Tests.Algorithms.Effects;

/// <summary>
/// The published gain of an algorithm over another on some data, and how much of it a run must reach.
/// </summary>
/// <remarks>
/// Both run on the digits with the same seeds, and so with the same splits and initial weights; the means over the
/// seeds are compared.
/// </remarks>
/// <param name="Algorithm">The algorithm, by name or as JSON.</param>
/// <param name="Than">The algorithm that it is compared with.</param>
/// <param name="Margin">Least gain in accuracy, from 0 to 1; below 0, most loss, where no gain shows. With a
/// <see cref="Target"/>, least quotient of the other's simulated time and its own.</param>
internal sealed record Effect(string Algorithm, string Than, double Margin)
{
    private const string Common = """
        {
          "name": "effect", "nodes": 8, "rounds": 10, "algorithm": "fedavg", "topology": "star", "dataset": "digits",
          "partitioner": { "name": "dirichlet", "alpha": 0.1, "samplesPerNode": 150 },
          "model": { "name": "mlp", "hidden": [32] },
          "training": { "epochs": 2, "batchSize": 10, "optimizer": { "name": "sgd", "learningRate": 0.05 } }
        }
        """;

    private static readonly DatasetCache Data = new(DatasetLocator.Default);

    /// <summary>Overrides of both experiments, as <c>flctl --set</c> takes them.</summary>
    public string[] Setting { get; init; } = [];

    /// <summary>Overrides of the algorithm's experiment alone.</summary>
    public string[] Its { get; init; } = [];

    /// <summary>Overrides of the other's experiment alone.</summary>
    public string[] Others { get; init; } = [];

    /// <summary>Accuracy of what, from 0 to 1; by default the mean over nodes on the whole test set.</summary>
    public Func<RoundReport, double> Accuracy { get; init; } = r => r.TestAccuracy.Mean;

    /// <summary>An accuracy whose simulated time is compared, from 0 to 1; null if accuracies are.</summary>
    public double? Target { get; init; }

    /// <summary>How the images of the nodes look, in turn; none if all are as they are.</summary>
    public IReadOnlyList<Look> Looks { get; init; } = [];

    /// <summary>Seeds of the experiments.</summary>
    public int[] Seeds { get; init; } = [1, 2, 3];

    /// <summary>Most payload, as a multiple of the other's; null if it does not count.</summary>
    public double? Payload { get; init; }

    /// <summary>Runs both.</summary>
    /// <returns>Means over the seeds.</returns>
    public async Task<(Outcome Mine, Outcome Other)> Measure() =>
        (await Run(Algorithm, Its), await Run(Than, Others));

    /// <summary>Simulated seconds to the first of three tests in a row that reach the target.</summary>
    private double Reached(IReadOnlyList<RoundReport> rounds)
    {
        for (var r = 0; r + 2 < rounds.Count; r++)
            if (rounds.Skip(r).Take(3).All(report => Accuracy(report) >= Target)) return rounds[r].SimulatedSeconds;
        return double.PositiveInfinity;
    }

    private async Task<Outcome> Run(string algorithm, string[] own)
    {
        var (accuracy, bytes, seconds) = (0.0, 0L, 0.0);
        foreach (var seed in Seeds)
        {
            var experiment = ExperimentReader.Read(Common,
                [$"algorithm={algorithm}", .. Setting, .. own, $"seed={seed}"]);
            var data = Look.Dress(Data.Get(experiment.Dataset), experiment, Looks);
            var run = await Simulation.Run(experiment,
                new SimulationOptions(new DatasetCache(_ => data), 2, TimeProvider.System));
            accuracy += Accuracy(run.Rounds[^1]);
            bytes += run.Rounds.Sum(r => r.PayloadBytes);
            seconds += Reached(run.Rounds);
        }
        return new Outcome(accuracy / Seeds.Length, (double)bytes / Seeds.Length, seconds / Seeds.Length);
    }
}

/// <summary>What an algorithm reached.</summary>
/// <param name="Accuracy">Accuracy after the last round, from 0 to 1.</param>
/// <param name="Bytes">Payload of all rounds, in bytes.</param>
/// <param name="Seconds">Simulated seconds to the target, the mean of the seeds; infinite if one did not reach it, or
/// there is none.</param>
internal readonly record struct Outcome(double Accuracy, double Bytes, double Seconds);
