using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public sealed class ExperimentFileTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_file_is_read_with_overrides()
    {
        File.WriteAllText(_file, ExperimentSamples.Least);

        Assert.Equal(
            ExperimentReader.Read(ExperimentSamples.Least, ["rounds=5"]),
            ExperimentReader.ReadFile(_file, ["rounds=5"]));
    }

    [Fact]
    public void A_missing_file_is_an_error_of_the_user() =>
        Assert.Equal("There is no file 'no/such.json'.", ValidationError("no/such.json"));

    [Theory]
    [InlineData("{\n  \"nodes\": 4,\n  \"rounds\" 5\n}", "line 3, column 12: ")]
    [InlineData(" \n ", "there is no JSON: the text is empty.")]
    public void What_is_not_JSON_is_refused_by_the_name_of_its_file(string text, string reason)
    {
        File.WriteAllText(_file, text);

        Assert.StartsWith(
            $"The file '{_file}' is not JSON: {reason}", ValidationError(_file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_file_is_refused_without_being_read()
    {
        using (var file = File.OpenWrite(_file)) file.SetLength(1L << 34); // sparse: takes no space
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("at most 1048576 are read", ValidationError(_file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void A_file_that_is_no_text_is_refused_with_the_place()
    {
        File.WriteAllBytes(_file, [(byte)'{', (byte)'}', 0xFF]);

        Assert.Contains("its byte 2 belongs to no character", ValidationError(_file), StringComparison.Ordinal);
    }

    private static string ValidationError(string path) =>
        Assert.Single(Assert.Throws<ExperimentException>(() => ExperimentReader.ReadFile(path, [])).Errors).Message;
}
