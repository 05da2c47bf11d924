using System.Text;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

/// <summary>Tables whose target is a class, with columns of text, and with users.</summary>
public sealed class CsvClassesTests : IDisposable
{
    private const string Clinic = """
        age,colour,clinic,outcome
        30,red,north,well
        40,blue,south,ill
        50,red,east,ill
        60,green,north,well
        70,blue,south,well
        80,green,east,ill

        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Categories in the order of their names: blue, green, red; east, north, south; ill, well.
    [Fact]
    public void Text_becomes_an_input_a_category_and_a_target_of_classes()
    {
        var data = Load(Clinic, o => o with { Standardize = false, User = "clinic" });

        Assert.Equal((2, 4), (data.Outputs, data.Train.Shape.Length));
        Assert.Equal(["east", "north", "south"], data.Users);
        var rows = Parts(data).Select(p => (string.Join(' ', ((TableRows)p.Part).Row(p.Index).ToArray()),
            p.Part.Targets.Classes![p.Index], p.Part.Users![p.Index])).Order().ToArray();
        Assert.Equal([("30 0 0 1", 1, 1), ("40 1 0 0", 0, 2), ("50 0 0 1", 0, 0), ("60 0 1 0", 1, 1),
            ("70 1 0 0", 1, 2), ("80 0 1 0", 0, 0)], rows);
    }

    [Fact]
    public void Numbers_are_scaled_and_categories_are_not()
    {
        var data = Load(Clinic, o => o with { TestFraction = 0.34, User = "clinic" });

        var rows = Enumerable.Range(0, 4).Select(i => ((TableRows)data.Train).Row(i).ToArray()).ToArray();
        Assert.Equal(0, rows.Average(r => r[0]), 6);
        Assert.Equal(1, rows.Average(r => r[0] * r[0]), 5);
        Assert.All(rows, r => Assert.Equal(1, r[1..].Sum()));
    }

    [Theory]
    [InlineData("a,y\n1,2\n2,10\n3,1\n", "class", 0, 1, 2)] // classes that are numbers are in their order
    [InlineData("a,y\n1,b\n2,c\n3,a\n", "", 0, 1, 2)]
    public void Classes_are_in_order(string text, string kind, params int[] expected)
    {
        var data = Load(text, o => o with { Kind = kind });

        Assert.Equal(expected, Parts(data).Select(p => p.Part.Targets.Classes![p.Index]).Order());
        Assert.Equal(3, data.Outputs);
    }

    [Fact]
    public void What_a_target_is_is_filled_in_when_the_experiment_is_read()
    {
        _folder.Write("data.csv", Encoding.UTF8.GetBytes(Clinic));

        Assert.Equal("class", ((Csv.Options)new Csv.Options { File = "data.csv", Target = "outcome" }
            .Read(_folder.Path)).Kind);
        Assert.Equal("number", ((Csv.Options)new Csv.Options { File = "data.csv", Target = "age" }
            .Read(_folder.Path)).Kind);
        Assert.Equal("class", ((Csv.Options)new Csv.Options { File = "data.csv", Target = "age", Kind = "class" }
            .Read(_folder.Path)).Kind);
    }

    [Fact]
    public void Rows_without_a_value_are_left_out_if_that_is_asked_for()
    {
        const string text = "a,b,y\n1,x,1\n,x,2\n3,?,3\n4,x,NA\n5,-9,5\n6,x,6\n7,x,7\n";

        Assert.Contains("line 3: there is nothing in the column 'a'; fill it in, leave the column out, or set missing",
            Assert.Throws<ExperimentException>(() => Load(text)).Message, StringComparison.Ordinal);
        var data = Load(text,
            o => o with { Missing = "leave-out", MissingValues = ["?", "NA", "-9"], Standardize = false });
        Assert.Equal([1f, 6, 7], Parts(data).Select(p => ((TableRows)p.Part).Row(p.Index)[0]).Order());
    }

    [Theory]
    [InlineData("a,y\nx,p\n1,q\n", "line 3: '1' in the column 'a' is a number, where the lines before hold text")]
    [InlineData("a,y\n1,p\nx,q\n", "line 3: 'x' in the column 'a' is no number")]
    [InlineData("a,y\n1,p\n2,p\n3,p\n", "has 1 classes; 2 to 65536 are taken")]
    public void A_table_that_is_wrong_is_refused_with_line_and_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<ExperimentException>(() => Load(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_of_any_length_and_more_inputs_than_a_model_takes_are_refused()
    {
        Assert.Contains("has 300 bytes; at most 200 are taken",
            Assert.Throws<ExperimentException>(() => Load($"a,y\n{new string('x', 300)},p\nx,q\n")).Message,
            StringComparison.Ordinal);
        var many = "id,y\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"n{i},c{i % 2}\n"));
        Assert.Contains("'id' alone has 20000 categories; leave it out",
            Assert.Throws<ExperimentException>(() => Load(many)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_nothing_else()
    {
        var good = Encoding.UTF8.GetBytes(Clinic);
        var random = new Seeds(10).Stream("mutations");
        for (var n = 0; n < 5_000; n++)
        {
            var text = (byte[])good.Clone();
            for (var change = random.NextInt(4); change >= 0; change--)
                text[random.NextInt(text.Length)] = (byte)random.NextInt(256);
            var path = _folder.Write("mutated.csv", text);
            var e = Record.Exception(() => new Csv(new()
            {
                File = path,
                Target = "outcome",
                Kind = "class",
                User = "clinic",
                Missing = "leave-out"
            }).Load(DatasetLocator.Default));
            Assert.True(e is null or ExperimentException, $"{e}");
        }
    }

    // From a file of one's own to a run: each clinic is a node, whatever the order of the lines.
    [Fact]
    public async Task Each_clinic_trains_on_its_own_rows()
    {
        var rows = Enumerable.Range(0, 300).Select(i => (Clinic: $"clinic-{i % 3}", A: i % 7, B: i * 13 % 11))
            .Select(r => $"{r.A},{r.B},{r.Clinic},{(r.A > r.B / 2 ? "yes" : "no")}\n");
        _folder.Write("clinics.csv", Encoding.UTF8.GetBytes("a,b,clinic,y\n" + string.Concat(rows)));
        var experiment = ExperimentReader.Read("""
            { "name": "clinics", "seed": 1, "nodes": 3, "rounds": 12, "algorithm": "fedavg", "topology": "star",
              "dataset": { "name": "csv", "file": "clinics.csv", "target": "y", "user": "clinic" },
              "partitioner": "natural", "model": { "name": "mlp", "hidden": [16] },
              "training": { "epochs": 2, "batchSize": 10, "optimizer": { "name": "sgd", "learningRate": 0.2 } } }
            """, [], _folder.Path);
        var data = experiment.Dataset.Create().Load(DatasetLocator.Default);
        var plan = Plan.Of(experiment, data);

        Assert.Equal("classification", experiment.Dataset.Create().Task);
        for (var node = 0; node < 3; node++)
            Assert.All(plan.TrainIndices(node).ToArray(), i => Assert.Equal(node, data.Train.Users![i]));
        Assert.Equal(240, Enumerable.Range(0, 3).Sum(node => plan.TrainIndices(node).Length));
        var result = await Simulation.Run(experiment,
            new SimulationOptions(new DatasetCache(DatasetLocator.Default), 2, TimeProvider.System));
        Assert.InRange(result.Rounds[^1].TestAccuracy.Mean, 0.9, 1);
    }

    private static IEnumerable<(DataPart Part, int Index)> Parts(LabeledData data) =>
        new[] { data.Train, data.Test }.SelectMany(p => Enumerable.Range(0, p.Count).Select(i => (p, i)));

    private LabeledData Load(string text, Func<Csv.Options, Csv.Options>? with = null)
    {
        var path = _folder.Write("data.csv", Encoding.UTF8.GetBytes(text));
        var options = new Csv.Options { File = path, Target = text.Contains("outcome") ? "outcome" : "y" };
        return new Csv((Csv.Options)(with?.Invoke(options) ?? options).Read(_folder.Path)).Load(DatasetLocator.Default);
    }
}
