using Orleans.FL.Extension.Tests.Components;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Updates;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Extension.Tests;

/// <summary>Components of one's own, from outside the project: one file each, and nothing else touched.</summary>
public sealed class ExtensionTests
{
    static ExtensionTests() => Catalogs.Include(typeof(ExtensionTests).Assembly);

    [Theory]
    [InlineData("TrimmedMean", 40)]
    [InlineData("FreeRider", 30)]
    [InlineData("BrainFloat", 40)]
    [InlineData("LongestUpdate", 10)]
    [InlineData("HalfStep", 40)]
    public void A_component_is_one_short_file(string name, int most) => Assert.InRange(SourceOf(name).Length, 1, most);

    [Theory]
    [InlineData("TrimmedMean")]
    [InlineData("FreeRider")]
    [InlineData("BrainFloat")]
    [InlineData("LongestUpdate")]
    [InlineData("HalfStep")]
    public void The_contributors_page_shows_the_file(string name) => Assert.Contains(
        string.Join('\n', SourceOf(name)), File.ReadAllText(Path.Combine(SourceTree.Root, "CONTRIBUTING.md")));

    // Of 1, 2 and 9 the extremes are left out: 2. With one update more, 4, the mean of 2 and 4 is 3.
    [Fact]
    public void The_aggregator_leaves_the_extremes_out()
    {
        Assert.Equal(2, Trimmed(9, 1, 2));
        Assert.Equal(3, Trimmed(9, 1, 4, 2));
    }

    [Fact(Timeout = 60_000)]
    public async Task An_experiment_chooses_the_aggregator_and_the_attack_by_name()
    {
        var honest = await Run("aggregator=own-trimmed-mean");
        var attacked = await Run("aggregator=own-trimmed-mean",
            "attackers=[{\"nodes\":[2],\"attack\":\"own-free-rider\"}]");

        Assert.NotEqual((await Run()).WeightsSha256, honest.WeightsSha256);
        Assert.NotEqual(honest.WeightsSha256, attacked.WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_codec_halves_the_bytes()
    {
        var (plain, coded) = (await Run(), await Run("codec=own-bfloat16"));

        Assert.Equal(plain.Rounds[0].PayloadBytes / 2, coded.Rounds[0].PayloadBytes);
        Assert.NotEqual(plain.WeightsSha256, coded.WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_metric_is_recorded_by_its_name()
    {
        var run = await Run("metrics=[\"own-longest-update\"]");

        Assert.All(run.Rounds, r => Assert.True(r.ValueOf(new LongestUpdate()) > 0));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_algorithm_that_goes_the_whole_way_is_federated_averaging()
    {
        var whole = await Run("algorithm={\"name\":\"own-half-step\",\"step\":1}");
        var half = await Run("algorithm=own-half-step");

        Assert.Equal((await Run()).WeightsSha256, whole.WeightsSha256);
        Assert.NotEqual(whole.WeightsSha256, half.WeightsSha256);
    }

    [Fact]
    public void A_wrong_option_of_ones_own_component_is_refused_with_its_path()
    {
        var refused = Assert.Throws<Learning.Foundation.ExperimentException>(
            () => Toy.Experiment("aggregator={\"name\":\"own-trimmed-mean\",\"trimmed\":-1}"));

        Assert.Contains("$.aggregator.trimmed", Assert.Single(refused.Errors).ToString());
    }

    private static float Trimmed(params float[] values)
    {
        ReceivedUpdate[] received =
            [.. values.Select((v, rank) => new ReceivedUpdate(rank, 1, new Update(ParameterVector.Own([v]))))];
        return new TrimmedMean(new()).Over(received)(u => u.Weights).Span[0];
    }

    private static Task<SimulationResult> Run(params string[] overrides) => Simulation.Run(
        Toy.Experiment(overrides), new SimulationOptions(Toy.Data(), 1, TimeProvider.System));

    private static string[] SourceOf(string name) => File.ReadAllLines(
        Path.Combine(SourceTree.Root, "tests", "Extension.Tests", "Components", $"{name}.cs"));
}
