using Orleans.FL.Grains.Interfaces;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

public class ControlTests
{
    [Theory]
    [InlineData("stop")]
    [InlineData("pause")]
    [InlineData("resume")]
    public async Task A_running_run_is_told(string command)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run(command, Sample.Run));
        Assert.Equal([$"{command} {Sample.Run}"], shell.Federation.Calls);
        Assert.Contains(Sample.Run, shell.Output);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("pause")]
    [InlineData("resume")]
    public async Task A_run_that_has_ended_is_not_told_anything(string command)
    {
        var shell = new Shell { Federation = new FakeFederation { Runs = [Sample.Status(RunState.Finished)] } };

        Assert.Equal(ExitCode.Failed, await shell.Run(command, Sample.Run));
        Assert.Empty(shell.Federation.Calls);
        Assert.Contains("has ended: finished after 1 of 3 rounds", shell.Error);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("watch")]
    public async Task An_unknown_run_is_told_which_runs_there_are(string command)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Failed, await shell.Run(command, "tiny-2"));
        Assert.Equal("There is no run 'tiny-2' on the silo at test:1: it has tiny-1.", Assert.Single(shell.ErrorLines));
    }
}
