using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Xunit;
using Xunit.Abstractions;

namespace Orleans.FL.Learning.Tests.UpdatePaths;

/// <summary>Attacked runs on the digits: the mean breaks, robust aggregators recover what it lost.</summary>
public class RecoveryTests(ITestOutputHelper output)
{
    private const string Common = """
        {
          "name": "recovery", "nodes": 10, "rounds": 10, "algorithm": "fedavg", "topology": "star", "dataset": "digits",
          "partitioner": { "name": "iid", "samplesPerNode": 120 },
          "model": { "name": "mlp", "hidden": [32] },
          "training": { "epochs": 2, "batchSize": 10, "optimizer": { "name": "sgd", "learningRate": 0.05 } }
        }
        """;

    private const string Attacked = "attackers=[{\"share\":0.3,\"attack\":{\"name\":\"sign-flip\",\"scale\":4}}]";

    private static readonly DatasetCache Data = new(DatasetLocator.Default);

    [Theory(Timeout = 120_000)]
    [InlineData("coordinate-median")]
    [InlineData("{\"name\":\"krum\",\"f\":3}")]
    [InlineData("{\"name\":\"krum\",\"f\":3,\"m\":5}")]
    public async Task A_robust_aggregator_recovers_what_flipped_signs_break(string aggregator)
    {
        var honest = await Accuracy();
        var broken = await Accuracy(Attacked);
        var defended = await Accuracy(Attacked, $"aggregator={aggregator}");
        var unattacked = await Accuracy($"aggregator={aggregator}");

        var row = $"{aggregator}: honest {honest:0.000}, attacked {broken:0.000}, defended {defended:0.000}, "
            + $"defended without attackers {unattacked:0.000}";
        output.WriteLine(row);
        Assert.True(honest - broken >= 0.1, row);
        Assert.True((defended - broken) / (honest - broken) >= 0.8, row);
        Assert.True(unattacked >= honest - 0.05, row);
    }

    private static async Task<double> Accuracy(params string[] overrides)
    {
        var accuracy = 0.0;
        foreach (var seed in (int[])[1, 2])
            accuracy += (await Simulation.Run(ExperimentReader.Read(Common, [.. overrides, $"seed={seed}"]),
                new SimulationOptions(Data, 2, TimeProvider.System))).Rounds[^1].TestAccuracy.Mean;
        return accuracy / 2;
    }
}
