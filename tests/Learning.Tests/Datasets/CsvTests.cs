using System.Text;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

public sealed class CsvTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Columns_are_those_that_are_named_and_rows_are_dealt_to_both_parts()
    {
        var data = Load("a,b,y\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{i},{10 * i},{100 * i}\n")),
            o => o with { Standardize = false, Columns = ["b"] });

        Assert.Equal((8, 2, 1, 1), (data.Train.Count, data.Test.Count, data.Outputs, data.Train.Shape.Length));
        var all = new[] { data.Train, data.Test }
            .SelectMany(p => Enumerable.Range(0, p.Count).Select(i => (Row(p, i)[0], Value(p, i)))).Order().ToArray();
        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => (10f * i, 100f * i))], all);
        Assert.NotEqual(Enumerable.Range(0, 8).Select(i => 100f * i),
            Enumerable.Range(0, 8).Select(i => Value(data.Train, i)));
    }

    [Fact]
    public void Scales_are_those_of_the_training_part()
    {
        var data = Load("a,c,y\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{i},5,{2 * i + 1}\n")));

        // Over the training rows: mean 0, mean square 1; a column without spread is 0. y = 2a + 1 is standardised to
        // the same numbers as a.
        var rows = Enumerable.Range(0, 8).Select(i => Row(data.Train, i)).ToArray();
        Assert.Equal(0, rows.Average(r => r[0]), 6);
        Assert.Equal(1, rows.Average(r => r[0] * r[0]), 5);
        Assert.All(rows, r => Assert.Equal(0, r[1]));
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(rows[i][0], Value(data.Train, i), 6));
        // The test rows are on the same scale: two neighbours are 1/deviation apart, and the unit is the deviation of
        // y, twice that of a.
        var unit = ((TargetValues)data.Train.Targets).Unit;
        Assert.Equal(unit, ((TargetValues)data.Test.Targets).Unit);
        Assert.All(new[] { data.Train, data.Test }, p => Assert.All(Enumerable.Range(1, p.Count - 1), i =>
            Assert.Equal(0, Math.IEEERemainder((Row(p, i)[0] - Row(p, 0)[0]) * unit / 2, 1), 4)));
    }

    [Fact]
    public void A_column_of_one_value_is_not_blown_up_by_the_rounding_of_its_mean()
    {
        // A mean of eight is the sum times an eighth, and eight times 0.1 are 0.7999999999999999 added up.
        var data = Load("a,c,y\n" + string.Concat(Enumerable.Range(0, 10).Select(i => $"{i},0.1,{i}\n")));

        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(0, Row(data.Train, i)[1]));
    }

    [Fact]
    public void A_link_is_followed_to_the_whole_file()
    {
        var file = _folder.Write("t.csv", "a,y\n1,2\n3,4\n5,6\n7,8\n9,10\n"u8.ToArray());
        var link = Path.Combine(_folder.Path, "l.csv");
        File.CreateSymbolicLink(link, file);

        var data = new Csv(new() { File = link, Target = "y" }).Load(DatasetLocator.Default);

        Assert.Equal(5, data.Train.Count + data.Test.Count);
        Assert.Equal(CsvFile.Hash(file), CsvFile.Hash(link));
        File.CreateSymbolicLink(link + "2", Path.Combine(_folder.Path, "none"));
        Assert.Contains("There is no file", Refusal(link + "2"), StringComparison.Ordinal);
        if (!OperatingSystem.IsLinux()) return;
        File.CreateSymbolicLink(link + "3", "/dev/zero");
        Assert.Contains("no regular file", Refusal(link + "3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_read_into_rows_that_are_filled_up()
    {
        var data = Load("a,b,y\n1,2,3\n4,5,6\n", o => o with { Standardize = false, TestFraction = 0.5 });
        var rows = new float[5];

        data.Train.Read([0, 0], rows, 3);

        Assert.Equal(Value(data.Train, 0) == 3 ? [1, 2, 0, 1, 2] : [4, 5, 0, 4, 5], rows);
    }

    [Theory]
    [InlineData("\uFEFFa;y\r\n1;2\r\n\r\n3;4\r\n", "semicolon", true)]
    [InlineData("\"a\"\t\"y\"\n\"1\"\t2\n 3 \t4", "tab", true)]
    [InlineData("1,2\n3,4", "comma", false)]
    public void Separators_quotes_line_ends_and_headers_are_those_of_the_field(
        string text, string separator, bool header)
    {
        var data = Load(text, o => o with
        {
            Separator = separator,
            Header = header,
            Target = header ? "y" : "2",
            Standardize = false,
            TestFraction = 0.5
        });

        Assert.Equal([(1f, 2f), (3f, 4f)],
            new[] { data.Train, data.Test }.Select(p => (Row(p, 0)[0], Value(p, 0))).Order());
    }

    [Theory]
    [InlineData("", "is empty, or no regular file")]
    [InlineData("\n\n", "holds no line")]
    [InlineData("a,y\n1\n", "line 2: it has 1 fields, where there are 2 columns")]
    [InlineData("a,y\n1,2,3\n", "line 2: it has 3 fields")]
    [InlineData("a,y\n1,2\n\n,3\n", "line 4: there is nothing in the column 'a'; fill it in")]
    [InlineData("a,y\n1,2\nx,3\n", "line 3: 'x' in the column 'a' is no number")]
    [InlineData("a,y\n1,NaN\n", "line 2: 'NaN' in the column 'y' is no number")]
    [InlineData("a,y\n1,1e300\n", "line 2: '1e300' in the column 'y' is no number of at most 1E15")]
    [InlineData("a,y\n\"1,2\n", "line 2: a quote is not closed")]
    [InlineData("a,y\n\"1\"2,3\n", "line 2: something follows a quoted field")]
    [InlineData("a,a,y\n1,2,3\n", "line 1: two columns are named 'a'")]
    [InlineData("a,,y\n1,2,3\n", "line 1: column 2 has no name")]
    [InlineData("a,z\n1,2\n", "has no column 'y'; it has a, z")]
    [InlineData("y\n1\n2\n", "has no column besides the target")]
    [InlineData("a,y\n1,2\n", "Of 1 rows, 0 would be tested on")]
    [InlineData("a,y\n1,2000000000\n2,1\n3,2\n4,3\n5,1999999999\n", "The standard deviation of 'y' is")]
    public void A_file_that_is_wrong_is_refused_with_line_and_reason(string text, string reason)
    {
        var e = Assert.Throws<ExperimentException>(() => Load(text));

        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Equal("$.dataset", e.Errors.Single().Path);
    }

    [Fact]
    public void What_is_no_regular_file_is_not_opened()
    {
        Assert.Contains("There is no file", Refusal(Path.Combine(_folder.Path, "none.csv")), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(_folder.Path), StringComparison.Ordinal);
        // has no end
        if (OperatingSystem.IsLinux())
            Assert.Contains("no regular file", Refusal("/dev/zero"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        var path = Path.Combine(_folder.Path, "large.csv");
        using (var file = File.Create(path)) file.SetLength(CsvFile.LargestFile + 1L); // takes no room on the disk

        Assert.Contains("at most 268435456 are read", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_nothing_else()
    {
        var good = Encoding.UTF8.GetBytes("a,b,y\n"
            + string.Concat(Enumerable.Range(0, 8).Select(i => $"{i}.5,-{i}e1,\"{i}\"\r\n")));
        var random = new Seeds(9).Stream("mutations");
        for (var n = 0; n < 3_000; n++)
        {
            var text = (byte[])good.Clone();
            for (var change = random.NextInt(4); change >= 0; change--)
                text[random.NextInt(text.Length)] = (byte)random.NextInt(256);
            var path = _folder.Write("mutated.csv",
                text[..(random.NextInt(8) == 0 ? random.NextInt(text.Length) : text.Length)]);
            var e = Record.Exception(() => new Csv(new() { File = path, Target = "y" }).Load(DatasetLocator.Default));
            Assert.True(e is null or ExperimentException, $"{e}");
        }
    }

    [Fact]
    public void The_file_is_found_from_the_experiment_and_known_again_by_its_hash()
    {
        var path = _folder.Write("t.csv", "a,y\n1,2\n3,4\n5,6\n"u8.ToArray());

        var read = (Csv.Options)new Csv.Options { File = "t.csv", Target = "y" }.Read(_folder.Path);
        _folder.Write("t.csv", "a,y\n1,2\n3,4\n5,7\n"u8.ToArray());

        Assert.Equal(path, read.File);
        var e = Assert.Throws<ExperimentException>(() => new Csv(read).Load(DatasetLocator.Default));
        Assert.Contains($"not {read.Sha256}; put the same file on each silo", e.Message, StringComparison.Ordinal);
    }

    private LabeledData Load(string text, Func<Csv.Options, Csv.Options>? with = null)
    {
        var options = new Csv.Options { File = _folder.Write("data.csv", Encoding.UTF8.GetBytes(text)), Target = "y" };
        return new Csv(with?.Invoke(options) ?? options).Load(DatasetLocator.Default);
    }

    private static string Refusal(string path) =>
        Assert.Throws<ExperimentException>(() => new Csv(new() { File = path, Target = "y" })
            .Load(DatasetLocator.Default)).Message;

    private static float[] Row(DataPart part, int index) => ((TableRows)part).Row(index).ToArray();

    private static float Value(DataPart part, int index) => ((TargetValues)part.Targets).Values[index];
}
