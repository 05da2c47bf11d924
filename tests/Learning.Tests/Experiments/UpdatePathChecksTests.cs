using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public class UpdatePathChecksTests
{
    private const string Flip = "\"attack\":\"sign-flip\"";

    [Theory]
    [InlineData("$.attackers[0].share", "0 to 1", "attackers=[{\"share\":1.5," + Flip + "}]")]
    [InlineData("$.attackers[0].nodes[1]", "ranks are 0 to 5", "attackers=[{\"nodes\":[2,6]," + Flip + "}]")]
    [InlineData("$.attackers[0].nodes[0]", "is the server", "attackers=[{\"nodes\":[0]," + Flip + "}]")]
    [InlineData("$.attackers[0]", "names no attackers", "attackers=[{" + Flip + "}]")]
    [InlineData("$.attackers[0]", "keep one of the two", "attackers=[{\"nodes\":[1],\"share\":0.2," + Flip + "}]")]
    [InlineData("$.attackers[0].until", "before it begins", "attackers=[{\"nodes\":[1],\"from\":5,\"until\":3,"
        + Flip + "}]")]
    [InlineData("$.attackers[0].attack", "There is no Attack named",
        "attackers=[{\"nodes\":[1],\"attack\":\"sign-flop\"}]")]
    [InlineData("$.attackers", "nothing that an attacker could replace", "attackers=[{\"nodes\":[1]," + Flip
        + "}]", "algorithm=centralized")]
    [InlineData("$.filters[1].norm", "out of range",
        "filters=[\"gaussian-noise\",{\"name\":\"clip-norm\",\"norm\":0}]")]
    [InlineData("$.filters", "nothing to filter", "filters=[\"clip-norm\"]", "algorithm=choco-sgd", "topology=ring")]
    [InlineData("$.aggregator", "needs 7 updates at once, and there are 6 nodes",
        "aggregator={\"name\":\"krum\",\"f\":2}")]
    [InlineData("$.aggregator", "takes weighted sums that are no means", "aggregator=coordinate-median",
        "algorithm=push-sum", "topology=ring")]
    [InlineData("$.aggregator", "looks at each update itself", "aggregator=coordinate-median", "algorithm=fedfomo",
        "topology=ring")]
    [InlineData("$.aggregator", "makes no mean", "aggregator=coordinate-median", "algorithm=centralized")]
    [InlineData("$.disturbances[0].meanRounds", "set meanRounds to 4 or more",
        "disturbances=[{\"name\":\"markov-dropout\",\"rate\":0.8,\"meanRounds\":2}]")]
    [InlineData("$.disturbances", "set pace.availability", "disturbances=[\"markov-dropout\"]", "pace=simulated-time")]
    [InlineData("$.disturbances", "only the server trains", "disturbances=[\"markov-dropout\"]",
        "algorithm=centralized")]
    public void What_does_not_fit_is_refused_with_its_path_and_what_would_do(
        string path, string message, params string[] overrides)
    {
        var error = Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment(overrides)).Errors);

        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    // Each node of a ring receives itself and two others; a fraction of 0.5 of six nodes is three.
    [Theory]
    [InlineData(3, "algorithm=gossip", "topology=ring")]
    [InlineData(3, "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}")]
    public void Rows_that_are_too_small_for_the_aggregator_are_refused_before_the_start(
        int row, params string[] overrides)
    {
        var experiment = Toy.Experiment(["aggregator=krum", .. overrides]);

        var error = Assert.Single(Assert.Throws<ExperimentException>(() => Plan.Of(experiment, Toy.Data())).Errors);

        Assert.Equal("$.aggregator", error.Path);
        Assert.Contains($"receives {row} updates in a round", error.Message, StringComparison.Ordinal);
        Assert.Contains("krum needs 5", error.Message, StringComparison.Ordinal);
    }
}
