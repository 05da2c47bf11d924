using System.Text.Json;
using Orleans.FL.Cluster.Tests.Chaos;
using Orleans.FL.Testing;
using Xunit;

[assembly: Slow]
[assembly: CollectionBehavior(DisableTestParallelization = true)] // each test has processes enough of its own

namespace Orleans.FL.Cluster.Tests;

public sealed class RunTests : IClassFixture<Workbench>
{
    private readonly Workbench _bench;

    public RunTests(Workbench bench) => _bench = bench;

    [Fact(Timeout = 120_000)]
    public async Task A_silo_an_embedded_silo_and_the_simulation_give_the_same_weights()
    {
        await using var silo = await SiloProgram.Start(_bench);

        var apart = await _bench.Last("start", "toy.json", "--silo", silo.Gateway, "--json");
        var local = await _bench.Last("start", "--config", "toy.json", "--local", "--lanes", "2", "--json");
        var simulated = await _bench.Simulated();

        Assert.Equal("finished", apart.GetProperty("event").GetString());
        Assert.Equal(Sha(simulated), Sha(apart));
        Assert.Equal(Sha(simulated), Sha(local));
        Assert.Equal(Sha(simulated), Sha(await _bench.Last("show", apart.GetProperty("run").GetString()!, "--json")));
    }

    [Fact(Timeout = 120_000)]
    public async Task Two_silos_share_the_nodes_and_give_the_weights_of_one()
    {
        await using var first = await SiloProgram.Start(_bench);
        await using var second = await SiloProgram.Start(_bench, first);

        var (code, output, error) = await _bench.Run("start", "toy.json", "--silo", second.Gateway, "--json");

        Assert.True(code == 0, string.Join('\n', error));
        var events = output.Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(2, events.Single(e => Is(e, "seated")).GetProperty("silos").GetInt32());
        Assert.All(events.Where(e => Is(e, "round")), e => Assert.True(e.GetProperty("wireBytes").GetInt64() > 0));
        Assert.Equal(Sha(await _bench.Simulated()), Sha(events[^1]));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_is_paused_resumed_and_stopped_from_another_terminal()
    {
        await using var silo = await SiloProgram.Start(_bench);
        await using var watcher = _bench.Flctl("start", "toy.json", "--set", "rounds=100000", "--run", "long", "--silo",
            silo.Gateway);
        await watcher.Line("round ");

        Assert.Equal(0, (await _bench.Run("pause", "long", "--silo", silo.Gateway)).Code);
        await watcher.Line("paused after round");
        Assert.Equal(0, (await _bench.Run("resume", "long", "--silo", silo.Gateway)).Code);
        await watcher.Line("resumed after round");
        Assert.Equal(0, (await _bench.Run("stop", "long", "--silo", silo.Gateway)).Code);

        Assert.Equal(1, await watcher.End());
        Assert.Contains(watcher.Output, l => l.StartsWith("stopped after", StringComparison.Ordinal));
        Assert.Equal("stopped", (await _bench.Last("show", "long", "--json")).GetProperty("state").GetString());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_id_that_exists_is_refused_with_the_way_to_go_on()
    {
        await _bench.Last("start", "toy.json", "--set", "rounds=1", "--local", "--run", "once", "--json");

        var (code, output, error) = await _bench.Run("start", "toy.json", "--local", "--run", "once");

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("--run ID", Assert.Single(error));
    }

    [Fact(Timeout = 120_000)]
    public async Task Interrupted_an_embedded_run_ends_cleanly_and_keeps_what_is_done()
    {
        await using var flctl = _bench.Flctl("start", "toy.json", "--local", "--set", "rounds=100000", "--run",
            "broken-off");
        await flctl.Line("round ");

        flctl.Interrupt();

        Assert.Equal(1, await flctl.End());
        Assert.Contains(flctl.Output, l => l.StartsWith("stopped after", StringComparison.Ordinal));
        var run = await _bench.Last("show", "broken-off", "--json");
        Assert.Equal("stopped", run.GetProperty("state").GetString());
        Assert.NotEqual(0, run.GetProperty("rounds").GetArrayLength());
        Assert.Contains(run.GetProperty("files").EnumerateArray(),
            f => f.GetProperty("name").GetString() == "weights/final.safetensors");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_silo_that_is_slow_to_answer_is_waited_for()
    {
        await using var silo = await SiloProgram.Start(_bench);
        silo.Program.Freeze(); // the system takes connections in its place

        await using var flctl = _bench.Flctl("start", "toy.json", "--set", "rounds=1", "--detach", "--run", "patient",
            "--silo", silo.Gateway);
        await flctl.Line("no silo has answered yet");
        silo.Program.Thaw();

        Assert.Equal(0, await flctl.End());
        Assert.Equal("run patient", flctl.Output[0]);
    }

    [NightlyFact(Timeout = 300_000)]
    public async Task Sixteen_starts_at_once_begin_sixteen_runs()
    {
        await using var silo = await SiloProgram.Start(_bench);

        var starts = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _bench.Run(
            "start", "toy.json", "--set", "rounds=1", "--set", "name=sixteen", "--detach", "--silo", silo.Gateway)));

        Assert.All(starts, s => Assert.True(s.Code == 0, string.Join('\n', s.Error)));
        Assert.Equal(16, starts.Select(s => s.Output[0]).Distinct().Count());
    }

    [Fact(Timeout = 180_000)]
    public async Task Of_two_that_resume_a_run_at_once_one_goes_on_and_the_other_says_so()
    {
        await using (var first = _bench.Flctl("start", "toy.json", "--local", "--set", "rounds=100000", "--run", "one"))
        {
            await first.Line("round ");
            first.Interrupt();
            Assert.Equal(1, await first.End());
        }
        RunningProgram[] both = [.. Enumerable.Range(0, 2).Select(_ => _bench.Flctl("resume", "one", "--local"))];
        try
        {
            await Task.WhenAny(both[0].End(), both[1].End()).Unwrap();
            var (loser, winner) = both[0].Running ? (both[1], both[0]) : (both[0], both[1]);

            Assert.Equal(1, await loser.End());
            Assert.Contains("Run 'one' is going on in another process", loser.Error[^1]);
            await winner.Line("round ");
            winner.Interrupt();
            Assert.Equal(1, await winner.End());
        }
        finally
        {
            foreach (var program in both) await program.DisposeAsync();
        }
    }

    private static bool Is(JsonElement e, string kind) => e.GetProperty("event").GetString() == kind;

    private static string? Sha(JsonElement e) => e.GetProperty("weightsSha256").GetString();
}
