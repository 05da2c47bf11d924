using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests;

/// <summary>Rules for every source file.</summary>
public sealed class SourceRuleTests
{
    private const int MostColumns = 120;
    private const int MostLines = 300;
    private static readonly string[] Folders =
        ["Learning", "Grains", "Grains.Interfaces", "Silo", "ClientCli", "tests", "benchmarks"];

    [Fact]
    public void No_source_file_has_more_than_300_lines() =>
        Assert.Empty(Sources().Where(s => s.Lines.Length > MostLines).Select(s => $"{s.File}: {s.Lines.Length} lines"));

    [Fact]
    public void No_line_has_more_than_120_columns() => Assert.Empty(Sources().SelectMany(s => s.Lines.Index()
        .Where(l => l.Item.EnumerateRunes().Count() > MostColumns).Select(l => $"{s.File}:{l.Index + 1}")));

    private static IEnumerable<(string File, string[] Lines)> Sources() => Folders
        .SelectMany(f =>
            Directory.EnumerateFiles(Path.Combine(SourceTree.Root, f), "*.cs", SearchOption.AllDirectories))
        .Select(f => (Path.GetRelativePath(SourceTree.Root, f), File.ReadAllLines(f)));
}
