using System.Net;
using System.Text.Json;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Security;

/// <summary>What the dashboard is asked that it does not have is an answer, and no exception in the log.</summary>
public sealed class DashboardTests : IClassFixture<Workbench>
{
    private readonly Workbench _bench;

    public DashboardTests(Workbench bench) => _bench = bench;

    [Fact(Timeout = 120_000)]
    public async Task Answers_for_what_is_not_there_and_still_shows_what_is()
    {
        await using var silo = await SiloProgram.Start(_bench);
        using var http = new HttpClient { BaseAddress = silo.Web };
        var address = await Address(http);

        foreach (var page in (string[])
            ["HistoricalStats", "SiloProperties", "SiloMetadata", "SiloStats", "SiloCounters"])
        {
            foreach (var none in (string[])["x", "", "127.0.0.1:1@7", "%1b%5b31m", "127.0.0.1:99999999999@1", "a/b/c"])
                Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"/dashboard/{page}/{none}")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"/dashboard/{page}/{address}")).StatusCode);
        }
        foreach (var asked in (string[])["GrainState", "GrainState?grainId=x&grainType=y", "GrainStats/x",
            "Reminders/-1", "Reminders/99999999999999", "TopGrainMethods?exclude=%1b", "fonts/none", "img/none"])
            Assert.InRange((int)(await http.GetAsync($"/dashboard/{asked}")).StatusCode, 200, 404);
        Assert.DoesNotContain(silo.Program.Output.Concat(silo.Program.Error),
            l => l.Contains("error", StringComparison.OrdinalIgnoreCase) || l.Contains("xception"));
    }

    // The dashboard looks at the silos once a second.
    private static async Task<string> Address(HttpClient http)
    {
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await every.WaitForNextTickAsync())
        {
            var counters = JsonDocument.Parse(await http.GetStringAsync("/dashboard/DashboardCounters")).RootElement;
            if (counters.GetProperty("hosts").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object }
                host) return host.GetProperty("siloAddress").GetString()!; // a host has one
        }
        throw new InvalidOperationException("The timer ended.");
    }
}
