using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Nodes take their seats, or wait for a silo that is not there.</summary>
public sealed class SeatingTests(SharedClusters.OneSiloTwoLanes cluster)
    : IClassFixture<SharedClusters.OneSiloTwoLanes>
{
    [Fact(Timeout = 60_000)]
    public async Task Waiting_for_a_silo_takes_no_epoch()
    {
        var pinned = Toy.Experiment("seating.deadlineSeconds=4") with
        {
            Devices = [new DevicePin { Nodes = [0], Silo = "elsewhere" }],
        };

        var failed = Assert.IsType<FailedEvent>((await cluster.Finish(pinned, "pinned"))[^1]);

        Assert.Contains("No silo 'elsewhere'", failed.Reason);
        // It has a manifest though nobody ever sat: lists are in the order of starts.
        Assert.NotNull(RunFolderReader.Open(cluster.Runs, "pinned").Manifest());
        // It looked again each second. The first claim is that of the registration.
        var claims = Path.Combine(cluster.Runs, "pinned", "checkpoints", "claims");
        Assert.Equal(["000001"], Directory.GetFiles(claims).Select(Path.GetFileName));
    }
}
