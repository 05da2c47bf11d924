using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

public sealed class SiloTests : IClassFixture<Workbench>
{
    // In a process of its own: it loads libtorch to look.
    [Fact(Timeout = 60_000)]
    public async Task A_GPU_that_is_not_there_is_refused_before_runs_wait_for_it()
    {
        await using var silo = _bench.Start("Orleans.FL.Silo.dll", ["--silo-port", $"{Workbench.FreePort()}",
            "--gateway-port", "0", "--http-port", "0", "--device", "cuda:99", "--runs", "without-gpu"]);

        Assert.Equal(2, await silo.End());
        Assert.StartsWith("--device: The device 'cuda:99' is asked for, but ", Assert.Single(silo.Error));
    }

    private readonly Workbench _bench;

    public SiloTests(Workbench bench) => _bench = bench;

    [Fact(Timeout = 180_000)]
    public async Task A_silo_that_is_asked_to_stop_goes_at_once_and_goes_on_with_its_runs_when_it_is_back()
    {
        await using var silo = await SiloProgram.Start(_bench);
        await using var watcher = _bench.Flctl("start", "toy.json", "--set", "rounds=300", "--run", "cut", "--silo",
            silo.Gateway);
        await watcher.Line("round ");
        var clock = Stopwatch.StartNew();

        silo.Program.Terminate();

        Assert.Equal(0, await silo.Program.End());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
        Assert.Equal("unfinished", (await _bench.Last("show", "cut", "--json")).GetProperty("state").GetString());

        await silo.Restart();

        Assert.Equal(0, await watcher.End());
        var run = await _bench.Last("show", "cut", "--json");
        Assert.Equal("finished", run.GetProperty("state").GetString());
        Assert.Equal(300, run.GetProperty("rounds").GetArrayLength());
        Assert.Equal(Sha(await _bench.Simulated("rounds=300")), Sha(run));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_watcher_whose_silo_is_killed_and_comes_back_misses_no_event_of_a_run_that_goes_on()
    {
        await using var silo = await SiloProgram.Start(_bench);
        await using var watcher = _bench.Flctl(
            "start", "toy.json", "--set", "rounds=300", "--run", "lost", "--silo", silo.Gateway, "--json");
        await watcher.Line("\"event\":\"round\"");

        silo.Program.Kill();
        await watcher.Line("trying again");
        await silo.Restart();

        Assert.Equal(0, await watcher.End());
        Assert.Contains(watcher.Error, l => l.Contains("is back; going on from event"));
        var events = watcher.Output.Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(e => e.GetProperty("sequence").GetInt32()));
        Assert.Equal("finished", events[^1].GetProperty("event").GetString());
        Assert.Equal(Sha(await _bench.Simulated("rounds=300")), Sha(events[^1]));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_port_in_use_is_refused_in_one_sentence()
    {
        await using var silo = await SiloProgram.Start(_bench);
        await using var other = _bench.Start(
            "Orleans.FL.Silo.dll", ["--silo-port", $"{silo.Port}", "--gateway-port", "0", "--http-port", "0"]);

        Assert.Equal(2, await other.End());
        Assert.StartsWith($"--silo-port: port {silo.Port} is in use", Assert.Single(other.Error));
        Assert.Empty(other.Output);
    }

    [Fact(Timeout = 120_000)]
    public async Task Health_counts_the_runs_in_progress()
    {
        // A folder of its own: the runs that other tests leave go on with the next silo.
        await using var silo = await SiloProgram.Start(_bench, null, ["--runs", "health"]);
        using var http = new HttpClient { BaseAddress = silo.Web };
        Assert.Equal(0, await InProgress());

        await using var watcher = _bench.Flctl("start", "toy.json", "--set", "rounds=100000", "--silo", silo.Gateway);
        await watcher.Line("round ");

        Assert.Equal(1, await InProgress());

        async Task<int> InProgress() =>
            JsonDocument.Parse(await http.GetStringAsync("/health")).RootElement
                .GetProperty("runsInProgress").GetInt32();
    }

    [Fact(Timeout = 120_000)]
    public async Task The_dashboard_shows_silos_and_grains()
    {
        await using var silo = await SiloProgram.Start(_bench);
        using var http = new HttpClient { BaseAddress = silo.Web };

        Assert.Contains("<html", await http.GetStringAsync("/dashboard/"), StringComparison.OrdinalIgnoreCase);
        string?[] hosts = [];
        // the dashboard collects by a timer of its own
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (hosts.Length == 0 && await every.WaitForNextTickAsync())
        {
            using var counters = JsonDocument.Parse(await http.GetStringAsync("/dashboard/DashboardCounters"));
            hosts = [.. counters.RootElement.GetProperty("hosts").EnumerateArray()
                .Select(h => h.GetProperty("status").GetString())];
        }
        Assert.Equal("Active", Assert.Single(hosts));
    }

    [Fact(Timeout = 120_000)]
    public async Task Wrong_options_are_reported_all_at_once()
    {
        await using var silo = _bench.Start("Orleans.FL.Silo.dll", ["--lanes", "x", "--colour", "red"]);

        Assert.Equal(2, await silo.End());
        Assert.True(silo.Error.Length >= 2);
        Assert.Empty(silo.Output);
    }

    private static string? Sha(JsonElement e) => e.GetProperty("weightsSha256").GetString();
}
