using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Experiments;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

public class ComponentsTests
{
    [Fact]
    public async Task Every_component_is_named_with_its_kind()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("components"));
        foreach (var component in ExperimentKinds.All.SelectMany(c => c.All))
            Assert.Contains(component.Name, shell.Output);
        Assert.Contains("topologies", shell.Output);
    }

    [Theory]
    [InlineData("optimizer", "0.001")] // of adam, the first
    [InlineData("Optimizers", "0.001")]
    [InlineData("sgd", "0.05")]
    public async Task A_kind_or_a_name_shows_options_with_default_and_range(string about, string learningRate)
    {
        var shell = new Shell();

        await shell.Run("components", about);

        var line = shell.OutputLines.First(l => l.Contains("learningRate"));
        Assert.Contains(learningRate, line);
        Assert.Contains("above 0", line);
    }

    [Fact]
    public async Task As_json_it_is_one_object_a_component()
    {
        var shell = new Shell();

        await shell.Run("components", "--json");

        var objects = shell.OutputLines.Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(ExperimentKinds.All.Sum(c => c.All.Count), objects.Length);
        var sgd = objects.Single(o => o.GetProperty("name").GetString() == "sgd");
        Assert.Contains(sgd.GetProperty("options").EnumerateArray(),
            o => o.GetProperty("key").GetString() == "momentum");
    }

    [Fact]
    public async Task The_markdown_is_the_page_of_the_catalog()
    {
        var shell = new Shell();

        await shell.Run("components", "--markdown");

        Assert.Equal(ComponentsMarkdown.Text(), shell.Output);
    }
}
