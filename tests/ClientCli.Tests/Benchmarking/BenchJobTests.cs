using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.Learning.Experiments;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Benchmarking;

public sealed class BenchJobTests
{
    public static TheoryData<string> WithFiles => [.. BenchJob.All.Where(j => j.File is not null).Select(j => j.Name)];

    [Fact]
    public void Names_are_unique_and_every_job_has_a_target()
    {
        Assert.Equal(BenchJob.All.Count, BenchJob.All.Select(j => j.Name).Distinct().Count());
        Assert.All(BenchJob.All, job => Assert.NotEmpty(job.Targets));
    }

    [Theory, MemberData(nameof(WithFiles))]
    public void Every_job_has_a_valid_file_of_its_name_beside_the_program(string name)
    {
        var experiment = ExperimentReader.ReadFile(JobFiles.PathOf(Job(name)), []);

        Assert.Equal(name, experiment.Name);
    }

    [Theory]
    [InlineData("ring-8", 10, 9)] // a round that is not subtracted must be left
    [InlineData("overhead-mlp", 21, 20)]
    public void Jobs_without_their_start_have_rounds_after_the_first(string name, int rounds, int left)
    {
        var experiment = ExperimentReader.ReadFile(JobFiles.PathOf(Job(name)), []);

        Assert.Equal(rounds, experiment.Rounds);
        Assert.Equal(left, experiment.Rounds - 1);
        // one test in both runs, so that it is subtracted, too
        Assert.Equal(experiment.Rounds, experiment.Evaluation.Every);
    }

    [Fact]
    public void Plain_loops_are_asked_for_what_they_can_do()
    {
        foreach (var job in BenchJob.All.Where(j => j.Work == BenchWork.BesidePlainLoops))
            ClientCli.Benchmarking.Plain.PlainLoop.Require(
                ExperimentReader.ReadFile(JobFiles.PathOf(job), job.PlainSet));
    }

    private static BenchJob Job(string name) => BenchJob.All.Single(j => j.Name == name);
}
