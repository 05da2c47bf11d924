using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

public class ControlTests
{
    [Theory]
    [InlineData("stop")]
    [InlineData("pause")]
    [InlineData("resume")]
    public async Task A_running_run_is_instructed(string command)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run(command, Sample.Run));
        Assert.Equal([$"{command} {Sample.Run}"], shell.Federation.Calls);
        Assert.Contains(Sample.Run, shell.Output);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("pause")]
    public async Task A_run_that_has_ended_is_not_instructed(string command)
    {
        var shell = new Shell { Federation = new FakeFederation { Runs = [Sample.Status(RunState.Finished)] } };

        Assert.Equal(ExitCode.Failed, await shell.Run(command, Sample.Run));
        Assert.Empty(shell.Federation.Calls);
        Assert.Contains("has ended: finished after 1 of 3 rounds", shell.Error);
    }

    [Theory]
    [InlineData(RunState.Stopped)]
    [InlineData(RunState.Failed)]
    [InlineData(RunState.Suspended)]
    public async Task A_run_that_did_not_finish_can_be_resumed(RunState state)
    {
        var shell = new Shell { Federation = new FakeFederation { Runs = [Sample.Status(state)] } };

        Assert.Equal(ExitCode.Done, await shell.Run("resume", Sample.Run));
        Assert.Equal([$"resume {Sample.Run}"], shell.Federation.Calls);
    }

    [Fact]
    public async Task A_run_that_has_finished_is_not_resumed()
    {
        var shell = new Shell { Federation = new FakeFederation { Runs = [Sample.Status(RunState.Finished)] } };

        Assert.Equal(ExitCode.Failed, await shell.Run("resume", Sample.Run));
        Assert.Empty(shell.Federation.Calls);
        Assert.Contains("has finished; there is nothing to resume", shell.Error);
    }

    [Fact]
    public async Task Nodes_join_and_leave()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("node", "add", Sample.Run, "4"));
        Assert.Equal(ExitCode.Done, await shell.Run("node", "remove", Sample.Run, "1", "2"));
        Assert.Equal([$"members {Sample.Run} +4 -", $"members {Sample.Run} + -1,2"], shell.Federation.Calls);
        Assert.Contains("from round 3 on", shell.Output);
    }

    [Fact]
    public async Task Every_reason_against_a_change_is_reported()
    {
        var shell = new Shell
        {
            Federation = new FakeFederation { MemberAnswer = new(null, ["Node 4 is a member already.", "And more."]) }
        };

        Assert.Equal(ExitCode.YourInput, await shell.Run("node", "add", Sample.Run, "4"));
        Assert.Equal(["Node 4 is a member already.", "And more."], shell.ErrorLines);
    }

    [Fact]
    public async Task The_cluster_is_shown()
    {
        var shell = new Shell
        {
            Federation = new FakeFederation
            {
                SiloReports = [new("a", "127.0.0.1:11111", ["zone=x"], ["cpu", "cpu"], 1, 8_000_000_000, 500_000_000,
                    new() { ["tiny-1"] = 5 }, false)],
            },
        };

        Assert.Equal(ExitCode.Done, await shell.Run("cluster", "show"));
        Assert.Contains("2 × cpu", shell.Output);
        Assert.Contains("1 of 2", shell.Output);
        Assert.Contains("tiny-1 (5)", shell.Output);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("watch")]
    public async Task An_unknown_run_is_an_error_that_lists_the_runs(string command)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Failed, await shell.Run(command, "tiny-2"));
        Assert.Equal("There is no run 'tiny-2' on the silo at test:1: it has tiny-1. Did you mean 'tiny-1'?",
            Assert.Single(shell.ErrorLines));
    }
}
