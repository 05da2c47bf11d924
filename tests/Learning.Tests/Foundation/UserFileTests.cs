using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Clocks;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Tests.Datasets;
using Orleans.FL.Learning.Tests.Parameters;
using Orleans.FL.Learning.Topologies.Given;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Foundation;

/// <summary>Pipes wait for a writer and devices have no end: whatever a path is for, neither is opened.</summary>
public sealed class UserFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Readers => [.. All.Keys];

    private static Dictionary<string, Action<string>> All { get; } = new()
    {
        ["an experiment"] = path => ExperimentReader.ReadFile(path, []),
        ["edges"] = path => EdgeFile.Read(path),
        ["a trace"] = path => TraceFile.Read(path, "value"),
        ["a table"] = path => new Csv(new() { File = path, Target = "y" }).Load(DatasetLocator.Default),
        ["weights"] = path => Safetensors.ReadFile(path, SafetensorsTests.Layout),
    };

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(Readers))]
    public Task What_is_no_regular_file_is_not_opened(string reader) => Task.Run(() =>
    {
        if (!OperatingSystem.IsLinux()) return;
        var pipe = NoRegularFiles.Pipe(Path.Combine(_folder.Path, "pipe.graphml"));
        var link = Path.Combine(_folder.Path, "link.csv");
        File.CreateSymbolicLink(link, NoRegularFiles.Endless);

        foreach (var path in (string[])[pipe, link, NoRegularFiles.Endless])
            Assert.Equal($"The file '{path}' is empty, or no regular file.", Refusal(reader, path));
    });

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(Readers))]
    public Task A_folder_and_nothing_are_named_as_what_they_are(string reader) => Task.Run(() =>
    {
        var none = Path.Combine(_folder.Path, "none.xml");

        Assert.Equal($"'{_folder.Path}' is a folder; name a file.", Refusal(reader, _folder.Path));
        Assert.Equal($"There is no file '{none}'.", Refusal(reader, none));
    });

    [Theory(Timeout = 20_000)]
    [InlineData("an experiment", 1 << 20)]
    [InlineData("edges", 16 << 20)]
    [InlineData("a trace", 4 << 20)]
    [InlineData("a table", 256 << 20)]
    public Task A_file_that_is_too_long_is_refused_by_its_length(string reader, long most) => Task.Run(() =>
    {
        var path = Path.Combine(_folder.Path, "long.txt");
        using (var file = File.Create(path)) file.SetLength(most + 1); // takes no room on the disk

        Assert.Equal($"The file '{path}' has {most + 1} bytes; at most {most} are read.", Refusal(reader, path));
    });

    [Fact(Timeout = 20_000)]
    public Task The_files_of_a_dataset_are_regular_too() => Task.Run(() =>
    {
        if (!OperatingSystem.IsLinux()) return;
        NoRegularFiles.Pipe(Path.Combine(_folder.Path, "digits.csv"));

        var e = Assert.Throws<ExperimentException>(
            () => new Digits(new Digits.Options { Path = _folder.Path }).Load(DatasetLocator.Default));

        Assert.Contains("no regular file", e.Message, StringComparison.Ordinal);
    });

    [Theory(Timeout = 20_000)]
    [InlineData("metrics.jsonl")]
    [InlineData("nodes.csv")]
    [InlineData("summary.json")]
    public Task The_folder_of_a_run_may_hold_pipes_and_is_read_all_the_same(string name) => Task.Run(() =>
    {
        if (!OperatingSystem.IsLinux()) return;
        var path = NoRegularFiles.Pipe(Path.Combine(_folder.Path, name));
        _folder.Write("manifest.json", "{}"u8.ToArray());

        var read = Record.Exception(() =>
        {
            var run = RunFolderReader.Open(_folder.Path);
            run.Rounds();
            run.Summary();
            RowFile.Read(Path.Combine(_folder.Path, "nodes.csv"), fields => fields);
        });

        Assert.True(read is null || read.Message.Contains($"'{path}' is empty, or no regular file"), $"{read}");
    });

    private static string Refusal(string reader, string path) =>
        Assert.Throws<ExperimentException>(() => All[reader](path)).Errors.Single().Message;
}
