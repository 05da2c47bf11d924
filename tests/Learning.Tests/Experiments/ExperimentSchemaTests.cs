using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Json.Schema;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public class ExperimentSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(ExperimentSchema.Text());

    [Theory]
    [InlineData(ExperimentSamples.Full)]
    [InlineData(ExperimentSamples.Least)]
    public void A_good_file_passes(string json) => Assert.True(Passes(json));

    [Fact]
    public void Every_canonical_text_passes() =>
        ExperimentSamples.Any.Sample(e => Assert.True(Passes(ExperimentWriter.Canonical(e))), iter: 50);

    [Fact]
    public void Aliases_and_components_without_a_name_pass() =>
        Assert.True(Passes(
            Least("\"ring\"", "{ \"name\": \"ring\" }", ", \"training\": { \"optimizer\": { \"learningRate\": 1 } }")
            .Replace("\"gossip\"", "\"fedstatic\"", StringComparison.Ordinal)));

    [Theory]
    [InlineData("\"a\"", "\"\"")] // too short
    [InlineData("\"a\"", "7")] // no text
    [InlineData("\"rounds\": 2", "\"rounds\": 0")] // below the range
    [InlineData("\"rounds\": 2", "\"rounds\": 1.5")] // no whole number
    [InlineData("\"rounds\": 2", "\"rounds\": \"2\"")]
    [InlineData("\"rounds\": 2,", "")] // missing
    [InlineData("\"rounds\"", "\"round\"")] // unknown
    [InlineData("\"ring\"", "\"rong\"")]
    [InlineData("\"ring\"", "{ \"name\": \"rong\" }")]
    [InlineData("\"ring\"", "{ \"name\": \"ring\", \"diameter\": 3 }")]
    [InlineData("\"ring\"", "{ }")]
    [InlineData("\"ring\"", "null")]
    [InlineData("\"iid\"", "{ \"name\": \"dirichlet\", \"alpha\": 0 }")] // the end of the range that is refused
    [InlineData("\"mlp\"", "\"mlp\", \"training\": { \"validationFraction\": 1 }")]
    [InlineData("\"mlp\"", "\"mlp\", \"training\": { \"optimizer\": { \"learningRate\": \"x\" } }")]
    [InlineData("\"mlp\"", "\"mlp\", \"nodeOverrides\": [ { } ]")]
    [InlineData("\"mlp\"", "\"mlp\", \"nodeOverrides\": [ { \"nodes\": [-1] } ]")]
    public void A_bad_file_fails_as_it_does_with_the_reader(string part, string bad)
    {
        var json = Least(part, bad, "");

        Assert.NotEqual(ExperimentSamples.Least, json);
        Assert.False(Passes(json));
        Assert.Throws<ExperimentException>(() => ExperimentReader.Read(json));
    }

    [Fact]
    public void Every_component_option_and_alias_is_in_the_schema()
    {
        using var schema = JsonDocument.Parse(ExperimentSchema.Text());
        var definitions = schema.RootElement.GetProperty("$defs");

        foreach (var component in ExperimentKinds.All.SelectMany(c => c.All))
        {
            var properties = definitions.GetProperty($"{component.Kind}.{component.Name}").GetProperty("properties");
            Assert.Equal(
                component.Options.Select(o => o.Key).Prepend("name"), properties.EnumerateObject().Select(p => p.Name));
            Assert.Equal(
                component.Aliases.Prepend(component.Name),
                properties.GetProperty("name").GetProperty("enum").EnumerateArray().Select(n => n.GetString()!));
        }
    }

    [Fact]
    public void The_schema_is_the_same_each_time_and_ends_with_a_newline()
    {
        Assert.Equal(ExperimentSchema.Text(), ExperimentSchema.Text());
        Assert.EndsWith("}\n", ExperimentSchema.Text(), StringComparison.Ordinal);
    }

    private static string Least(string part, string other, string more) => Regex.Replace(
        ExperimentSamples.Least.Replace(part, other, StringComparison.Ordinal), @"\s*}\s*$", more + "}");

    private static bool Passes(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Schema.Evaluate(document.RootElement).IsValid;
    }
}
