using Orleans.FL.ClientCli.Output;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("nope")]
    [InlineData("start")]
    [InlineData("start", "--bogus", "x.json")]
    [InlineData("start", "a.json", "--config", "b.json")]
    [InlineData("start", "a.json", "--local", "--detach")]
    [InlineData("start", "a.json", "--watch", "--detach")]
    [InlineData("start", "a.json", "--local", "--silo", "h:1")]
    [InlineData("start", "a.json", "--runs", "x")]
    [InlineData("start", "a.json", "--lanes", "2")]
    [InlineData("start", "a.json", "--local", "--lanes", "0")]
    [InlineData("start", "a.json", "--silo", "nowhere")]
    [InlineData("start", "a.json", "--local", "--lanes", "many")]
    [InlineData("watch")]
    [InlineData("watch", "r", "--from", "-1")]
    [InlineData("list", "--silo", "host:99999")]
    [InlineData("components", "--markdown", "--json")]
    [InlineData("components", "no-such-thing")]
    [InlineData("simulate", "a.json", "--lanes", "0")]
    [InlineData("bench", "no-such-job")]
    [InlineData("bench", "all", "--repeat", "0")]
    [InlineData("bench", "all", "--json", "--markdown")]
    [InlineData("bench-probe", "no-such-probe")]
    [InlineData("data", "get")]
    [InlineData("data", "get", "no-such-data")]
    [InlineData("data", "inspect")]
    [InlineData("data", "inspect", "no-such-file.csv")]
    public async Task A_wrong_command_line_exits_with_2_and_says_why_on_stderr(params string[] args)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run(args));
        Assert.NotEmpty(shell.ErrorLines);
        Assert.Empty(shell.Output);
        Assert.Empty(shell.Federation.Calls);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("watch")]
    [InlineData("list")]
    [InlineData("show")]
    [InlineData("stop")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("validate")]
    [InlineData("components")]
    [InlineData("schema")]
    [InlineData("simulate")]
    [InlineData("bench")]
    [InlineData("data", "list")]
    [InlineData("data", "get")]
    [InlineData("data", "inspect")]
    public async Task Every_command_teaches_by_description_and_example(params string[] command)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run([.. command, "--help"]));
        Assert.Contains("DESCRIPTION:", shell.Output);
        Assert.Contains($"flctl {string.Join(' ', command)}",
            shell.Output[shell.Output.IndexOf("EXAMPLES:", StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task Without_arguments_flctl_shows_its_commands()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run());
        Assert.Contains("components", shell.Output);
    }

    [Fact]
    public async Task Every_error_of_a_file_is_a_line_with_its_path_and_nothing_starts()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("bad.json",
            Sample.Experiment.Replace("\"nodes\": 2", "\"nodes\": 0, \"colour\": 1").Replace("fedavg", "fedavgg"));
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run("start", file));

        Assert.Equal(3, shell.ErrorLines.Length);
        Assert.Contains(shell.ErrorLines, l => l.StartsWith("$.nodes: ", StringComparison.Ordinal));
        Assert.Contains(shell.ErrorLines, l => l.StartsWith("$.colour: ", StringComparison.Ordinal));
        Assert.Contains(shell.ErrorLines,
            l => l.StartsWith("$.algorithm", StringComparison.Ordinal) && l.Contains("fedavg"));
        Assert.Empty(shell.Federation.Calls);
    }

    [Fact]
    public async Task Set_changes_a_value_of_the_file()
    {
        using var folder = new TemporaryFolder();
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("validate", "--config", folder.Write("e.json", Sample.Experiment),
            "--set", "nodes=16", "-s", "model.name=mlp"));

        Assert.Contains("mlp; 16 nodes, 3 rounds", shell.Output);
    }

    [Fact]
    public async Task Commands_that_do_not_train_do_not_load_torch()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("e.json", Sample.Experiment);

        await new Shell { Federation = new FakeFederation().Plays(Sample.Events) }.Run("start", file);
        await new Shell().Run("validate", file);
        await new Shell().Run("components", "models");
        await new Shell().Run("schema");
        await new Shell().Run("list", "--runs", folder.Path);
        await new Shell().Run("data", "list");

        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Assert.DoesNotContain(process.Modules.Cast<System.Diagnostics.ProcessModule>(),
            m => m.ModuleName.Contains("torch_cpu"));
    }

    // Ten rows, two of which are tested on: two nodes cannot have five of eight each.
    [Theory]
    [InlineData("partitioner.samplesPerNode=5", "samplesPerNode can be 4 at most", ExitCode.YourInput)]
    [InlineData("evaluation.testSamples=3", "$.evaluation.testSamples: 3 test samples", ExitCode.YourInput)]
    [InlineData("partitioner.sizes=[4,4]", "is a valid experiment: ", ExitCode.Done)]
    public async Task Validate_says_of_data_that_are_here_what_start_would(string set, string says, int code)
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{i},{3 * i % 7}\n")));
        var file = folder.Write("e.json", Sample.Experiment);
        var shell = new Shell();

        Assert.Equal(code, await shell.Run("validate", file, "--set",
            "dataset={\"name\":\"csv\",\"file\":\"t.csv\",\"target\":\"y\"}",
            "-s", "model=linear-regression", "-s", set));

        Assert.Contains(says, shell.Output + shell.Error);
    }

    [Fact]
    public async Task Validate_says_when_the_data_are_not_here()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("e.json", Sample.Experiment);
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("validate", file, "-s",
            $"dataset={{\"name\":\"digits\",\"path\":\"{folder.Path}\"}}"));

        Assert.Contains("is a valid experiment so far as can be said without its data: ", shell.Output);
        Assert.Contains("was not checked. The dataset's path", shell.Output);
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("start")]
    public async Task What_an_algorithm_becomes_is_said_before_it_runs(string command)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("e.json", Sample.Experiment);
        var shell = new Shell { Federation = new FakeFederation().Plays(Sample.Events) };

        await shell.Run(command, file, "-s", "topology=ring", "-s", "nodes=3");

        Assert.Contains("fedavg is described with a server, and the topology ring has none",
            command == "start" ? shell.Error : shell.Output);
    }
}
