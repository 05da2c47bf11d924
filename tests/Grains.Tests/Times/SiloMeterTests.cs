using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Grains.Tests.Times;

public sealed class SiloMeterTests
{
    [Fact(Timeout = 30_000)]
    public async Task What_the_silo_does_is_measured()
    {
        var time = new FakeTimeProvider();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        await using var lanes = new TrainingLanes(2, null, time);
        var traffic = new SiloTraffic();
        var meter = new SiloMeter(services.GetRequiredService<IMeterFactory>(), lanes, traffic);
        using var received = new ReceivedMeasurements(services.GetRequiredService<IMeterFactory>());
        await meter.StartAsync(CancellationToken.None);

        meter.Round(3, 200, 2e6);
        meter.Round(2, 100, 1e6);
        meter.Phase("train", 1.5);
        traffic.PayloadSent(10);
        traffic.WireSent(25);
        traffic.WireReceived(7);
        await lanes.Run("a", LaneWork.Evaluate, (_, _) =>
        {
            time.Advance(TimeSpan.FromSeconds(4));
            received.LookUp(); // a lane is busy now
            return 0;
        });

        Assert.Equal(2, received["orleans_fl.rounds"]);
        Assert.Equal(5, received["orleans_fl.clients"]);
        Assert.Equal(300, received["orleans_fl.samples"]);
        Assert.Equal(3e6, received["orleans_fl.operations"]);
        Assert.Equal(1.5, received["orleans_fl.phase.duration phase=train"]);
        Assert.Equal(2, received["orleans_fl.lanes"]);
        Assert.Equal(1, received["orleans_fl.lanes.busy"]);
        Assert.Equal(0, received["orleans_fl.lanes.queued"]);
        Assert.Equal(4, received["orleans_fl.lanes.time work=evaluate"]);
        Assert.Equal(0, received["orleans_fl.lanes.time work=train"]);
        Assert.Equal(10, received["orleans_fl.bytes.sent kind=payload"]);
        Assert.Equal(15, received["orleans_fl.bytes.sent kind=control"]); // 25 on the wire, 10 of them payload
        Assert.Equal(7, received["orleans_fl.bytes.received kind=control"]);
    }
}
