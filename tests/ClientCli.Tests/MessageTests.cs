using Orleans.FL.ClientCli.Output;
using Orleans.FL.Silo.Options;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>What is said of a mistake names it once, and says what would do.</summary>
public sealed class MessageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'two' is no whole number.", "node", "add", Sample.Run, "1", "two")]
    [InlineData("--lanes: 'two' is no number that it takes.", "simulate", "a.json", "--lanes", "two")]
    [InlineData("--lanes: '2.5' is no number that it takes.", "simulate", "a.json", "--lanes=2.5")]
    [InlineData("--nodes: 'many' is no number that it takes.", "topology", "show", "ring", "--nodes", "many")]
    public async Task A_number_that_is_none_is_named_with_its_option(string sentence, params string[] args)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run(args));
        Assert.StartsWith(sentence, Assert.Single(shell.ErrorLines));
    }

    [Theory]
    [InlineData("stop", "../tiny-1")]
    [InlineData("pause", "tiny 1")]
    [InlineData("watch", ".tiny")]
    [InlineData("node", "list", "tiny/1")]
    [InlineData("start", "a.json", "--local", "--run", "tiny/1")]
    public async Task What_is_no_run_id_is_a_mistake_of_the_command_line_and_no_silo_is_asked(params string[] args)
    {
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.YourInput, await shell.Run(args));
        Assert.Contains("is no run id", Assert.Single(shell.ErrorLines));
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_guessed()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Failed, await shell.Run("stop", "tinny-1"));
        Assert.EndsWith("it has tiny-1. Did you mean 'tiny-1'?", Assert.Single(shell.ErrorLines));
    }

    [Theory]
    [InlineData("--silo", "127.0.0.1:31234")]
    [InlineData(null, null)]
    public async Task A_silo_that_is_asked_for_and_not_there_is_an_error_and_no_list_of_other_runs(
        string? flag, string? value)
    {
        var shell = new Shell { Federations = new FakeFederations(null) };
        string[] named = flag is null ? [] : [flag, value!];

        var code = await shell.Run(["list", "--runs", _folder.Path, .. named]);

        Assert.Equal(flag is null ? ExitCode.Done : ExitCode.Failed, code);
        if (flag is not null) Assert.Equal(("", $"No silo answers at {value}."), (shell.Output, shell.Error.TrimEnd()));
    }

    [Fact]
    public void A_silo_says_one_thing_of_each_wrong_flag_and_guesses_it() => Assert.Equal(
        [
            "There is no flag '--gatway-port'. Did you mean '--gateway-port'?",
            "There is no flag '--lane'. Did you mean '--lanes'?",
            "'stray' is no flag, and no flag before it takes it; write --FLAG VALUE.",
        ],
        SiloOptionsReader.Read(["--gatway-port", "30001", "--lane=2", "stray"], _ => null, _folder.Path).Errors);
}
