using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Runs;

public sealed class ShowTests : IDisposable
{
    private readonly TemporaryFolder _runs = new();

    public ShowTests()
    {
        using var folder = RunFolder.Create(_runs.Path, "past", TimeProvider.System, Classes.Task);
        folder.WriteExperiment(Sample.Experiment);
        folder.WriteManifest(
            RunManifest.Here("past", "ff", 7, TimeProvider.System, new Dictionary<string, string>(), 2, 1));
        for (var round = 1; round <= 2; round++) folder.AppendRound(Round(round));
        folder.WriteSummary(new RunSummary(RunOutcome.Finished, 2, 3.5, DateTimeOffset.UnixEpoch)
        {
            WeightsSha256 = Sample.Sha,
            Score = new TestScore("accuracy", 0.5, 0.5),
            BestRound = 2,
        });
    }

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_is_shown_by_its_id_and_by_its_folder(bool byId)
    {
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.Done, await shell.Run(byId
            ? ["show", "past", "--runs", _runs.Path]
            : ["show", Path.Combine(_runs.Path, "past")]));

        Assert.Contains("tiny: fedavg on star, digits, logistic-regression; 2 nodes, 3 rounds", shell.Output);
        Assert.Contains(shell.OutputLines, l => l.StartsWith("weights sha256", StringComparison.Ordinal)
            && l.EndsWith(Sample.Sha, StringComparison.Ordinal));
        Assert.Contains("0.2500", shell.Output);
        Assert.Contains("  0.500 ┤", shell.Output);
        Assert.Contains("metrics.csv", shell.Output);
        Assert.DoesNotContain(".lock", shell.Output);
    }

    [Fact]
    public async Task As_json_it_is_one_object_with_all_rounds()
    {
        var shell = new Shell { Federations = new FakeFederations(null) };

        await shell.Run("show", "past", "--runs", _runs.Path, "--json");

        var run = JsonDocument.Parse(Assert.Single(shell.OutputLines)).RootElement;
        Assert.Equal(Sample.Sha, run.GetProperty("weightsSha256").GetString());
        Assert.Equal("finished", run.GetProperty("state").GetString());
        Assert.Equal(7, run.GetProperty("manifest").GetProperty("seed").GetInt64());
        Assert.Equal([1, 2], run.GetProperty("rounds").EnumerateArray().Select(r => r.GetProperty("round").GetInt32()));
    }

    [Fact]
    public async Task A_run_that_is_nowhere_is_an_error_that_lists_the_runs()
    {
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.Failed, await shell.Run("show", "future", "--runs", _runs.Path));
        Assert.Contains("it has past", Assert.Single(shell.ErrorLines));
    }

    [Fact]
    public async Task A_run_on_another_machine_is_shown_as_its_silo_knows_it()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("show", Sample.Run, "--runs", _runs.Path));
        Assert.Contains("/runs/tiny-1 (on the silo's machine)", shell.Output);
    }

    [Fact]
    public async Task The_list_has_the_runs_of_the_folder_and_of_the_silo()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("list", "--runs", _runs.Path, "--json"));

        var runs = shell.OutputLines.Select(l => JsonDocument.Parse(l).RootElement)
            .Select(r => (r.GetProperty("run").GetString(), r.GetProperty("state").GetString(),
                r.GetProperty("rounds").GetInt32()));
        Assert.Equal([("past", "finished", 2), ("tiny-1", "running", 1)], runs);
    }

    [Fact]
    public async Task An_empty_list_says_where_it_looked()
    {
        using var empty = new TemporaryFolder();
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.Done, await shell.Run("list", "--runs", empty.Path));
        Assert.Contains(empty.Path, shell.Output);
    }

    // Each round, node 0 tests 10 samples with 2.5 x round right: 20 samples, 5 and 10 right.
    private static RoundReport Round(int round)
    {
        var tested = Classes.Sums(20, 5 * round, 20L << 24, 0);
        return new(round, [new NodeReport(0, round, tested, default, tested, default, 100, 100, 4, 0.1, null)], 1.5, 0);
    }
}
