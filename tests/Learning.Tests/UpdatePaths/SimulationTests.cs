using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Attacks;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Disturbances;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.UpdatePaths;

/// <summary>Stations of the path in whole runs.</summary>
public class SimulationTests
{
    private const string Mirror = "attackers=[{\"nodes\":[2],\"attack\":{\"name\":\"sign-flip\",\"scale\":1e30}}]";

    public static TheoryData<string> Attacks => [.. Catalog<Attack>.All.Select(c => c.Name)];

    public static TheoryData<string, string> Means
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var aggregator in Catalog<Aggregator>.All.Select(c => c.Name))
                foreach (var algorithm in Toy.Algorithms.Where(a => Fits(aggregator, a)))
                    data.Add(aggregator, algorithm);
            return data;
        }
    }

    // By configuration alone: whatever algorithm takes means takes them from the aggregator.
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Means))]
    public async Task Every_algorithm_that_takes_means_runs_with_every_aggregator(string aggregator, string algorithm)
    {
        string[] set = [$"algorithm={algorithm}", $"aggregator={Component(aggregator)}",
            $"topology={(Toy.Fits(algorithm, "fully-connected") ? "fully-connected" : "star")}"];
        var (mean, other) = (await Run([.. set, "aggregator=weighted-mean"]), await Run(set));

        if (aggregator == "weighted-mean") Assert.Equal(mean.WeightsSha256, other.WeightsSha256);
        // the median of two is their mean
        else if (algorithm is not ("isolated" or "assigned")) Assert.NotEqual(mean.WeightsSha256, other.WeightsSha256);
        Assert.Equal(mean.Rounds.Select(r => r.Present), other.Rounds.Select(r => r.Present));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Attacks))]
    public async Task Where_nobody_attacks_the_bits_are_those_of_honest_nodes(string attack)
    {
        var honest = await Run([]);

        Assert.Equal(honest.WeightsSha256,
            (await Run([$"attackers=[{{\"share\":0,\"attack\":\"{attack}\"}}]"])).WeightsSha256);
        // after the end
        Assert.Equal(honest.WeightsSha256,
            (await Run([$"attackers=[{{\"share\":1,\"from\":4,\"attack\":\"{attack}\"}}]"])).WeightsSha256);
        Assert.NotEqual(honest.WeightsSha256,
            (await Run([$"attackers=[{{\"share\":1,\"attack\":\"{attack}\"}}]"])).WeightsSha256);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("fedavg", "star")]
    [InlineData("gossip", "ring")]
    public async Task An_attacker_whose_update_cannot_be_summed_is_absent_itself_with_its_name(
        string algorithm, string topology)
    {
        var run = await Run([$"algorithm={algorithm}", $"topology={topology}", Mirror]);

        Assert.All(run.Rounds, r =>
        {
            var absent = Assert.Single(r.Nodes, n => !n.Present);
            Assert.Equal(2, absent.Node);
            Assert.StartsWith("The update of node 2 is refused: it has the value ", absent.Absence,
                StringComparison.Ordinal);
        });
    }

    // In gossip an attacker mixes its own honest update.
    [Fact(Timeout = 60_000)]
    public async Task The_attackers_own_state_stays_true()
    {
        string[] set = ["nodes=2", "topology=ring", "algorithm=gossip", "rounds=1"];
        var honest = await Run(set);
        var attacked = await Run([.. set, "attackers=[{\"nodes\":[1],\"attack\":\"sign-flip\"}]"]);

        Assert.Equal(honest.Weights[1], attacked.Weights[1]);
        Assert.NotEqual(honest.Weights[0], attacked.Weights[0]);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("fedavg", "star")]
    [InlineData("gossip", "ring")]
    public async Task Nodes_that_drop_out_are_absent_and_the_run_goes_on(string algorithm, string topology)
    {
        var experiment = Toy.Experiment($"algorithm={algorithm}", $"topology={topology}", "rounds=10",
            "disturbances=[{\"name\":\"markov-dropout\",\"rate\":0.4}]");
        var run = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        var dropout = new Outages(experiment.Disturbances, new Seeds(experiment.Seed));

        foreach (var (round, report) in run.Rounds.Index())
            Assert.Equal(Enumerable.Range(0, 6).Where(n => (topology == "ring" || n != 0)
                && dropout.ReasonOf(n, round) is not null), report.Nodes.Where(n => n is
                {
                    Present: false,
                    Absence: "It is away (markov-dropout).", Steps: 0, Test.Samples: 0
                }).Select(n => n.Node));
        Assert.InRange(run.Rounds.Sum(r => 6 - r.Present), 5, 45);
        Assert.True(run.Rounds[^1].TestLoss.Mean < run.Rounds[0].TestLoss.Mean);
    }

    // The change of a node that starts from w is at most the bound: nobody is further from the initial weights
    // after one round.
    [Fact(Timeout = 60_000)]
    public async Task Clipped_changes_are_no_longer_than_the_bound()
    {
        var experiment = Toy.Experiment("rounds=1", "filters=[{\"name\":\"clip-norm\",\"norm\":0.01}]");
        var start = Plan.Of(experiment, Toy.Data()).InitialWeights.Span.ToArray();

        var run = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));

        var norm = Math.Sqrt(run.Weights[0].Span.ToArray().Zip(start, (a, b) => (double)(a - b) * (a - b)).Sum());
        Assert.InRange(norm, 0.001, 0.0101); // a mean of changes of that norm, each value rounded to float32
    }

    private static string Component(string aggregator) =>
        aggregator == "krum" ? "{\"name\":\"krum\",\"f\":0}" : aggregator;

    private static bool Fits(string aggregator, string algorithm)
    {
        try
        {
            var experiment = Toy.Experiment($"algorithm={algorithm}", $"aggregator={Component(aggregator)}",
                $"topology={(Toy.Fits(algorithm, "fully-connected") ? "fully-connected" : "star")}");
            Plan.Of(experiment, Toy.Data());
            return algorithm != "hierarchical-fedavg" || aggregator != "krum"; // its server receives two group means
        }
        catch (ExperimentException)
        {
            return false;
        }
    }

    private static Task<SimulationResult> Run(string[] overrides) =>
        Simulation.Run(Toy.Experiment(overrides), new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
}
