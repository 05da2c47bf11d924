using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>From a table of one's own to an experiment.</summary>
public sealed class DataInspectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Columns_are_shown_and_the_experiment_that_is_written_is_valid()
    {
        var table = Write("heart rates.csv", "age;site;note;y\n" + string.Concat(Enumerable.Range(0, 60)
            .Select(i => $"{20 + i};{"ABC"[i % 3]};{(i == 7 ? "" : $"n{i % 2}")};{i % 2}\n")));
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("data", "inspect", table, "--out", Path("own.json")));

        Assert.Contains("60 rows, 4 columns, separator semicolon, the first line names the columns", shell.Output);
        Assert.Contains("20 to 79, mean 49.5", shell.Output);
        Assert.Contains("user, a node each", shell.Output);
        Assert.Contains("target, a class", shell.Output);
        Assert.Contains($"Next: flctl start --local --config {Path("own.json")}", shell.Output);
        var experiment = ExperimentReader.ReadFile(Path("own.json"), []);
        var data = experiment.Dataset.Create().Load(DatasetLocator.Default);
        Assert.Equal((3, "natural"), (experiment.Nodes, experiment.Partitioner.Name));
        Assert.Equal(59, data.Train.Count + data.Test.Count); // a row has no note
        Assert.Equal((2, 3), (data.Outputs, data.Train.Shape.Length)); // age, and two notes
        Assert.Equal(["A", "B", "C"], data.Users);
    }

    [Fact]
    public async Task A_file_that_is_there_is_never_overwritten()
    {
        var table = Write("t.csv", "a,y\n1,2\n2,3\n");
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run("data", "inspect", table, "--out", table));

        Assert.Contains("cannot be written", shell.Error);
        Assert.Equal("a,y\n1,2\n2,3\n", File.ReadAllText(table));
    }

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n", "no line names", "--no-header")]
    [InlineData("1.5,2\n3,4\n", "2 rows, 2 columns, separator comma, no line names the columns")]
    [InlineData("a,y\n1,2.5\n3,4\n", "target, a number")]
    [InlineData("a\ty\nx,x\t2\ny,z\t3\n", "separator tab")]
    [InlineData("id,a,y\nq1,5,1\nq2,x,0\n", "left out")] // numbers and text in one column
    public async Task What_a_file_is_like_is_found_out(string text, string shown, params string[] more)
    {
        var shell = new Shell();

        await shell.Run(["data", "inspect", Write("t.csv", text), .. more]);

        Assert.Contains(shown, shell.Output + shell.Error);
    }

    [Theory]
    [InlineData("a,y\n1\n", "line 2: it has 1 fields")]
    [InlineData("", "is empty, or no regular file")]
    [InlineData("a,y\n1,2\n", "Did you mean 'y'?", "--target", "yy")]
    public async Task A_file_that_is_wrong_is_refused_with_the_reason(string text, string reason, params string[] more)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run(["data", "inspect", Write("t.csv", text), .. more]));

        Assert.Contains(reason, shell.Error);
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.Path, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }
}
