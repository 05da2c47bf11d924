using System.Reflection;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnit;
using Orleans.FL.Silo.Hosting;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>A folder is a namespace is a room: what stands in a lower room knows nothing of a higher one.</summary>
public sealed class RoomTests
{
    public static TheoryData<Assembly> Programs => [typeof(Flctl).Assembly, typeof(SiloHost).Assembly];

    [Theory]
    [MemberData(nameof(Programs))]
    public void No_rooms_depend_on_each_other_in_a_circle(Assembly program) =>
        SliceRuleDefinition.Slices().Matching("Orleans.FL.(**)").Should().BeFreeOfCycles()
            .Check(new ArchLoader().LoadAssemblies(program).Build());
}
