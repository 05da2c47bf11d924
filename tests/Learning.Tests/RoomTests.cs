using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnit;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests;

/// <summary>A folder is a namespace is a room: a lower room knows nothing of a higher one.</summary>
public sealed partial class RoomTests
{
    private const string Root = "Orleans.FL.Learning.";
    private static readonly Architecture Learning = new ArchLoader()
        .LoadAssemblies(typeof(Experiment).Assembly).Build();

    [Fact]
    public void No_rooms_depend_on_each_other_in_a_circle() =>
        SliceRuleDefinition.Slices().Matching("Orleans.FL.(**)").Should().BeFreeOfCycles().Check(Learning);

    /// <summary>The page lists the rooms from the bottom to the top; this is what keeps it true.</summary>
    [Fact]
    public void Each_room_knows_only_rooms_that_the_architecture_page_lists_below_it()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "architecture.md"));
        var table = page[page.IndexOf("| `Foundation` |", StringComparison.Ordinal)..];
        var rooms = Listed().Matches(table[..(table.IndexOf("\n\n", StringComparison.Ordinal) + 1)])
            .Select(m => m.Groups[1].Value).ToList();
        var known = Learning.Types.Select(RoomOf).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal(known, rooms.Order(StringComparer.Ordinal));
        // the loader takes a type parameter for any other of its name
        var upwards = Learning.Types.SelectMany(t => t.GetTypeDependencies().Where(d => d is not GenericParameter),
            (t, other) => (From: RoomOf(t), To: RoomOf(other), Why: $"{t.Name} uses {other.Name}"))
            .Where(e => e is { From: not null, To: not null } && rooms.IndexOf(e.To) > rooms.IndexOf(e.From))
            .Distinct().Select(e => $"{e.From} knows {e.To}: {e.Why}");
        Assert.True(!upwards.Any(), string.Join(", ", upwards));
    }

    private static string? RoomOf(IType type) =>
        type.Namespace?.FullName is { } name && name.StartsWith(Root, StringComparison.Ordinal)
            ? name[Root.Length..].Replace('.', '/') : null;

    [GeneratedRegex("^\\| `([A-Z][A-Za-z/]+)` \\| [^\n]*\n", RegexOptions.Multiline)]
    private static partial Regex Listed();
}
