using Xunit;

namespace Orleans.FL.Cluster.Tests;

/// <summary>Outputs of processes that do not take what is written: a sentence, and no stack.</summary>
public sealed class OutputTests(Workbench bench) : IClassFixture<Workbench>
{
    private const string Full = "The output cannot be written: No space left on device; free space there, or write it "
        + "elsewhere.";

    [Theory(Timeout = 120_000)]
    [InlineData("components")]
    [InlineData("--help")]
    [InlineData("list", "--json", "--runs", "full")]
    [InlineData("simulate", "toy.json")]
    [InlineData("start", "toy.json", "--local", "--run", "full-disk", "--runs", "full")]
    public async Task A_full_output_is_one_sentence(params string[] args)
    {
        if (args[0] == "list") await bench.Last("start", "toy.json", "--local", "--runs", "full", "--json");
        await using var flctl = InShell("exec \"$@\" > /dev/full", args);

        Assert.Equal(1, await flctl.End());
        Assert.Equal(Full, Assert.Single(flctl.Error));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_closed_output_is_one_sentence()
    {
        await using var flctl = InShell("exec \"$@\" >&-", "simulate", "toy.json");

        Assert.Equal(1, await flctl.End());
        Assert.StartsWith("The output cannot be written: Bad file descriptor", Assert.Single(flctl.Error));
    }

    [Fact(Timeout = 120_000)]
    public async Task Errors_that_nobody_can_be_told_are_left_out()
    {
        await using var flctl = InShell("exec \"$@\" 2> /dev/full", "validate", "nothing.json");

        Assert.Equal(2, await flctl.End());
    }

    // it would take minutes, and nobody reads it
    [Fact(Timeout = 120_000)]
    public async Task A_pipe_whose_reader_has_gone_ends_the_command()
    {
        await using var flctl = InShell("(\"$@\"; echo \"code $?\" >&2) | head -n 1",
            "simulate", "toy.json", "--set", "rounds=1000000");

        await flctl.Line("code 1");
        Assert.StartsWith("round ", Assert.Single(flctl.Output));
        Assert.Single(flctl.Error); // the code
    }

    private RunningProgram InShell(string script, params string[] args) =>
        bench.Start(new Machine("127.0.0.1", "sh", "-c", script, "sh"), "flctl.dll", args);
}
