using System.Text;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

public sealed class DigitsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_real_file_has_the_documented_sizes_classes_and_statistics()
    {
        // Fails with the locator's sentence where the dataset is not installed: run 'flctl data get digits'.
        var data = new Digits(new Digits.Options()).Load(DatasetLocator.Default);

        Assert.Equal((1_437, 360, 10), (data.Train.Count, data.Test.Count, data.Outputs));
        Assert.Equal(new SampleShape(1, 8, 8), data.Train.Shape);
        Assert.All(data.Train.Pixels, pixel => Assert.InRange(pixel, 0, 16));
        // scikit-learn documents 174 to 183 samples a class.
        var counts = data.Train.Labels.Concat(data.Test.Labels).CountBy(label => label).ToDictionary();
        int[] documented = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
        Assert.Equal(documented, Enumerable.Range(0, 10).Select(c => counts[(byte)c]));
        var (mean, deviation) = Statistics.Of((ImageSet)data.Train);
        Assert.Equal(mean, ((ImageSet)data.Train).Scale.Mean[0], 1e-4);
        Assert.Equal(deviation, ((ImageSet)data.Train).Scale.Deviation[0], 1e-4);
    }

    [Fact]
    public void Two_loads_give_the_same_split()
    {
        Write(Table());

        var (one, other) = (Load(), Load());

        Assert.Equal(one.Train.Pixels, other.Train.Pixels);
        Assert.Equal(one.Test.Labels, other.Test.Labels);
    }

    [Fact]
    public void Every_row_is_in_one_part_and_keeps_its_label()
    {
        Write(Table());

        var data = Load();

        // Row i begins with the three base-17 figures of i, and its label is i mod 10.
        var rows = new[] { data.Train, data.Test }.SelectMany(part => Enumerable.Range(0, part.Count).Select(i =>
            (Row: part.Image(i)[0] * 289 + part.Image(i)[1] * 17 + part.Image(i)[2], Label: part.Labels[i]))).ToList();
        Assert.Equal(Enumerable.Range(0, 1_797), rows.Select(r => r.Row).Order());
        Assert.All(rows, r => Assert.Equal(r.Row % 10, r.Label));
    }

    [Fact]
    public void Carriage_returns_and_a_missing_last_line_feed_are_accepted()
    {
        Write(Table().Replace("\n", "\r\n").TrimEnd());

        Assert.Equal(1_437, Load().Train.Count);
    }

    [Theory]
    [InlineData("17", "offset 0 after inflating: expected a number from 0 to 16 in line 1, column 1, found 17")]
    [InlineData("x", "offset 0 after inflating: expected a number from 0 to 16 in line 1, column 1, found byte 0x78")]
    [InlineData("-1", "offset 0 after inflating: expected a number from 0 to 16 in line 1, column 1, found byte 0x2D")]
    [InlineData("0001", "offset 3 after inflating: expected a comma after line 1, column 1, found byte 0x31")]
    [InlineData("0\n", "offset 1 after inflating: expected a comma after line 1, column 1, found byte 0x0A")]
    public void A_wrong_cell_is_named_with_its_place(string cell, string error)
    {
        Write(cell + Table()[1..]);

        Assert.Contains(error, Assert.Throws<ExperimentException>(() => Load()).Message);
    }

    [Fact]
    public void A_label_out_of_range_is_refused()
    {
        var lines = Table().Split('\n');
        lines[4] = lines[4][..^1] + "10";
        Write(string.Join('\n', lines));

        Assert.Contains("a number from 0 to 9 in line 5, column 65, found 10",
            Assert.Throws<ExperimentException>(() => Load()).Message);
    }

    [Fact]
    public void A_missing_row_is_refused()
    {
        Write(Table()[..Table().TrimEnd().LastIndexOf('\n')]);

        Assert.Contains("after line 1796, column 65, found the end of the file",
            Assert.Throws<ExperimentException>(() => Load()).Message);
    }

    [Fact]
    public void An_additional_row_is_refused()
    {
        Write(Table() + Table()[..Table().IndexOf('\n')]);

        Assert.Contains("expected the end of the file after 1797 lines",
            Assert.Throws<ExperimentException>(() => Load()).Message);
    }

    [Fact]
    public void A_gzip_bomb_is_not_inflated()
    {
        _folder.WriteGzip("digits.csv", new byte[1 << 26]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ExperimentException>(() => Load());

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 21);
    }

    private static string Table()
    {
        var text = new StringBuilder();
        for (var row = 0; row < 1_797; row++)
        {
            text.Append($"{row / 289},{row / 17 % 17},{row % 17},");
            for (var column = 3; column < 64; column++) text.Append("0,");
            text.Append($"{row % 10}\n");
        }
        return text.ToString();
    }

    private void Write(string text) => _folder.WriteGzip("digits.csv", Encoding.ASCII.GetBytes(text));

    private LabeledData Load() => new Digits(new Digits.Options { Path = _folder.Path }).Load(DatasetLocator.Default);
}
