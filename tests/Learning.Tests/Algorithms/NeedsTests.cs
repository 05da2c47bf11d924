using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>What an algorithm needs is asked for before anything starts, with what would do.</summary>
public class NeedsTests
{
    [Theory]
    [InlineData("set topology to star", "algorithm=ifca", "topology=ring")]
    [InlineData("set training.engine to auto or torch", "algorithm=moon", "training.engine=dense")]
    [InlineData("'fedavg' and 'fedper' do not send each other the same vectors", "algorithm=fedper",
        "nodeOverrides=[{\"nodes\":[1],\"algorithm\":\"fedavg\"}]")]
    [InlineData("set topology to one that stays", "algorithm=choco-sgd",
        "topology={\"name\":\"ring\",\"maxPartners\":1}")]
    [InlineData("leave membership out", "algorithm=choco-sgd", "topology=ring", "seating.members=5",
        "membership=[{\"round\":2,\"add\":[5]}]")]
    [InlineData("The algorithm knows no pace 'synchronous', for its nodes do not wait for each other; "
        + "set pace to simulated-time", "algorithm=fedbuff", "pace=synchronous")]
    [InlineData("The algorithm knows no pace 'asynchronous', for its nodes wait for each other; set pace to "
        + "synchronous or simulated-time, or the algorithm to fedasync, fedbuff or swift.", "pace=asynchronous")]
    [InlineData("There is no Pace named 'fre'. Known: asynchronous, simulated-time, synchronous.", "pace=fre")]
    [InlineData("set concurrency to 3 or more, or 0 for all",
        "algorithm={\"name\":\"fedbuff\",\"bufferSize\":3,\"concurrency\":2}", "pace=asynchronous")]
    [InlineData("leave membership out", "algorithm=fedasync", "pace=asynchronous", "seating.members=5",
        "membership=[{\"round\":2,\"add\":[5]}]")]
    [InlineData("There is no node 6", "algorithm=fedasync", "pace={\"name\":\"asynchronous\",\"arrivals\":[[6,0,1]]}")]
    [InlineData("An entry is [node,", "algorithm=fedasync", "pace={\"name\":\"asynchronous\",\"arrivals\":[[0,0]]}")]
    [InlineData("while another training of it is under way", "algorithm=fedasync",
        "pace={\"name\":\"asynchronous\",\"arrivals\":[[0,0,1],[0,0,2]]}")]
    [InlineData("arrives in round 1, which is over when it begins", "algorithm=fedasync",
        "pace={\"name\":\"asynchronous\",\"arrivals\":[[0,0,1],[1,1,1]]}")]
    [InlineData("Round 3 comes after round 1", "algorithm=fedasync",
        "pace={\"name\":\"asynchronous\",\"arrivals\":[[0,0,1],[1,0,3]]}")]
    [InlineData("The run has 3 rounds, and node 0 arrives in round 4", "algorithm=fedasync",
        "pace={\"name\":\"asynchronous\",\"arrivals\":[[0,0,4]]}")]
    [InlineData("set rounds to 1, or take the arrivals", "algorithm=fedasync",
        "pace={\"name\":\"asynchronous\",\"arrivals\":[[0,0,1]]}")]
    [InlineData("leave membership out", "algorithm=swift", "topology=ring", "pace=simulated-time", "seating.members=5",
        "membership=[{\"round\":2,\"add\":[5]}]")]
    [InlineData("set topology to one that stays", "algorithm=swift", "topology=random-matching", "pace=simulated-time")]
    [InlineData("set partners to 5 or less", "algorithm={\"name\":\"fedran\",\"partners\":20}", "topology=ring")]
    [InlineData("set partners to 5 or less", "algorithm={\"name\":\"similarity\",\"partners\":20}", "topology=ring")]
    [InlineData("must be another one of 0 to 5",
        "algorithm={\"name\":\"assigned\",\"strategy\":\"fixed\",\"lists\":[[7],[],[],[],[],[]]}", "topology=ring")]
    public void It_is_named_with_the_remedy(string remedy, params string[] overrides)
    {
        var error = Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment(overrides)).Errors);

        Assert.Contains(remedy, error.Message);
        Assert.DoesNotContain("..", error.Path);
    }

    [Fact]
    public void Moon_without_its_term_needs_no_libtorch() =>
        Toy.Experiment("algorithm={\"name\":\"moon\",\"mu\":0}", "training.engine=dense");

    [Fact]
    public void Nodes_that_send_the_same_vectors_may_differ() =>
        Toy.Experiment("algorithm=moon",
            "nodeOverrides=[{\"nodes\":[1],\"algorithm\":\"fedprox\",\"training\":{\"engine\":\"dense\"}}]");
}
