using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnit;
using Orleans.FL.Grains.Hosting;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>A folder is a namespace is a room: a lower room knows nothing of a higher one.</summary>
public sealed class RoomTests
{
    // What Orleans generates is in namespaces of its own, which do not begin so.
    [Fact]
    public void No_rooms_depend_on_each_other_in_a_circle() =>
        SliceRuleDefinition.Slices().Matching("Orleans.FL.(**)").Should().BeFreeOfCycles()
            .Check(new ArchLoader().LoadAssemblies(typeof(FederationHosting).Assembly).Build());
}
