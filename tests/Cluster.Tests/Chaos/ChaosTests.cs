using System.Diagnostics;
using Orleans.FL.Testing.Servers;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Chaos;

/// <summary>
/// Whatever happens to real silo processes and their database, a run gives the bytes of one that nothing happened to.
/// </summary>
[Collection(nameof(Servers))]
public sealed class ChaosTests(Workbench bench, PostgresServer postgres, RedisServer redis)
    : IClassFixture<Workbench>
{
    // each checkpoint that is due
    private static readonly string[] Longer = ["rounds=60", "training.epochs=2", "checkpoints.secondsBetween=0"];

    /// <summary>
    /// Seeds of the kills: one for each moment in every run of the tests, more where the environment asks for them.
    /// </summary>
    public static TheoryData<int> Seeds
    {
        get
        {
            var data = new TheoryData<int>();
            var count = int.TryParse(Environment.GetEnvironmentVariable("ORLEANS_FL_CHAOS_RUNS"), out var asked)
                ? asked
                : Mishap.Moments;
            for (var seed = 0; seed < count; seed++) data.Add(seed);
            return data;
        }
    }

    /// <summary>
    /// The databases of tests whose like the databases' own tests have, too: one wherever the tests run, both at night.
    /// </summary>
    public static TheoryData<string> Databases => Outages.Full ? ["postgres", "redis"] : ["postgres"];

    /// <summary>
    /// Databases, and whether the silo that hangs coordinates: that one wherever the tests run, the other
    /// at night, too.
    /// </summary>
    public static TheoryData<string, bool> Hung =>
        Outages.Full ? new() { { "postgres", true }, { "redis", false } } : new() { { "postgres", true } };

    [Theory(Timeout = 480_000)]
    [MemberData(nameof(Databases))]
    public async Task A_run_gives_the_same_bytes_on_any_cluster(string clustering)
    {
        var undisturbed = await bench.Simulated("rounds=5");
        await using var cluster = await Cluster(clustering, 1, "--lanes", "2");
        for (var silos = 1; silos <= 3; silos++)
        {
            if (silos > 1) await cluster.Add(1, "--lanes", "1");
            await cluster.Begin($"any-{clustering}-{silos}", "rounds=5");
            await using var watcher = cluster.Watch($"any-{clustering}-{silos}", silos - 1);
            var events = await ChaosCluster.SameBytes(watcher, undisturbed);
            Assert.Equal(silos, events.First(e => ChaosCluster.Name(e) == "seated").GetProperty("silos").GetInt32());
        }
    }

    [Theory(Timeout = 480_000)]
    [MemberData(nameof(Seeds))]
    public async Task A_silo_that_is_killed_or_hangs_at_any_moment_changes_nothing(int seed)
    {
        var mishap = new Mishap(seed);
        string[] set = [.. Longer, $"checkpoints.every={mishap.Every}"];
        await using var cluster = await Cluster(mishap.Clustering, 3);
        await cluster.Begin($"kill-{seed}", set);
        await using var watcher = cluster.Watch($"kill-{seed}", (mishap.Victim + 1) % 3);

        await mishap.Comes(watcher);
        await mishap.Befalls(cluster.Silos[mishap.Victim]);

        var events = await ChaosCluster.SameBytes(watcher, await bench.Simulated(set));
        Assert.InRange(ChaosCluster.MostRepeated(events), 0, mishap.Every);
    }

    // One silo, a folder, and a node that waits for a label: the start is all that there is of the run.
    [Fact(Timeout = 240_000)]
    public async Task A_run_whose_only_silo_is_killed_before_its_nodes_sit_begins_when_it_is_back()
    {
        string[] set = ["devices=[{\"nodes\":[2],\"label\":\"rack=7\"}]"];
        await using var bare = await SiloProgram.Start(bench);
        var (code, output, error) = await bench.Run(["start", "toy.json", "--detach", "--run", "waits", "--silo",
            bare.Gateway, .. set.SelectMany(s => (string[])["--set", s])]);
        Assert.True(code == 0, string.Join('\n', [.. output, .. error]));

        bare.Program.Kill();
        await bare.Restart("--labels", "rack=7");

        await using var watcher = bench.Flctl("watch", "waits", "--silo", bare.Gateway, "--json");
        await ChaosCluster.SameBytes(watcher, await bench.Simulated());
    }

    // Nobody knows beforehand who arrives when, and no run gives the bytes of another; but what a run recorded does.
    [Fact(Timeout = 480_000)]
    public async Task A_run_by_the_clock_whose_coordinator_is_killed_gives_the_bytes_of_its_record()
    {
        await using var cluster = await Cluster("postgres", 3);
        await cluster.Begin("clock", "algorithm=fedasync", "topology=star", "pace=asynchronous", "rounds=300",
            "checkpoints.secondsBetween=0", "checkpoints.every=4", "evaluation.every=10");
        var victim = cluster.Coordinator("clock");
        await using var watcher = cluster.Watch("clock", (victim + 1) % 3);
        for (var rounds = 0; rounds < 20; rounds++) await watcher.Line("\"event\":\"round\"");

        cluster.Silos[victim].Program.Kill();

        var events = await ChaosCluster.SameBytes(watcher, finished =>
            bench.Last("simulate",
                Path.Combine(bench.Folder, finished.GetProperty("folder").GetString()!, "replay.json"), "--json"));
        Assert.Contains(events, e => ChaosCluster.Name(e) == "reseated");
        Assert.InRange(ChaosCluster.MostRepeated(events), 0, 4);
        // stale
        Assert.Contains(events, e => e.TryGetProperty("arrivals", out var arrivals)
            && arrivals.GetProperty("began")[0].GetInt32() + 1 < e.GetProperty("round").GetInt32());
    }

    [Theory(Timeout = 480_000)]
    [MemberData(nameof(Databases))]
    public async Task All_silos_killed_and_restarted_resume_by_themselves(string clustering)
    {
        await using var cluster = await Cluster(clustering, 3);
        await cluster.Begin($"all-{clustering}", Longer);
        await using (var before = cluster.Watch($"all-{clustering}", 0))
            for (var rounds = 0; rounds < 10; rounds++) await before.Line("\"event\":\"round\"");

        foreach (var silo in cluster.Silos) silo.Program.Kill();
        foreach (var silo in cluster.Silos) await silo.Restart();
        var clock = Stopwatch.StartNew();

        // Nobody asks for it: a silo says that it has taken the run up, and that the next round is done.
        await Task.WhenAny(cluster.Silos
            .Select(s => s.Program.Line($"Run all-{clustering}, round ", TimeSpan.FromSeconds(60))).ToArray()).Unwrap();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");
        await using var watcher = cluster.Watch($"all-{clustering}", 1);
        await ChaosCluster.SameBytes(watcher, await bench.Simulated(Longer));
    }

    [Theory(Timeout = 480_000)]
    [MemberData(nameof(Hung))]
    public async Task A_hung_silo_that_comes_back_is_fenced(string clustering, bool coordinating)
    {
        await using var cluster = await Cluster(clustering, 3);
        string[] set = [.. Longer, $"rounds={Outages.Rounds}"];
        await cluster.Begin($"hung-{clustering}", set);
        var coordinator = cluster.Coordinator($"hung-{clustering}");
        var victim = coordinating ? coordinator : (coordinator + 1) % 3;
        await using var watcher = cluster.Watch($"hung-{clustering}", (victim + 1) % 3);
        await watcher.Line("\"event\":\"round\"");
        var frozen = cluster.Silos[victim].Program;

        frozen.Freeze();
        var hang = Outages.Last(Outages.Hang);
        await watcher.Line("\"event\":\"reseated\"", TimeSpan.FromSeconds(90));
        await watcher.Line("\"event\":\"round\"");
        await hang;
        frozen.Thaw();

        Assert.Equal(1, await frozen.End());
        Assert.Contains(
            frozen.Output, l => l.Contains("ends itself and must be started again", StringComparison.Ordinal));
        Assert.DoesNotContain(frozen.Error, l => l.StartsWith("   at ", StringComparison.Ordinal));
        await ChaosCluster.SameBytes(watcher, await bench.Simulated(set));
    }

    [Theory(Timeout = 480_000)]
    [InlineData("postgres")]
    [InlineData("redis")]
    public async Task A_database_that_is_away_loses_nothing(string clustering)
    {
        await using var cluster = await Cluster(clustering, 2);
        string[] set = [.. Longer, "rounds=200"];
        await cluster.Begin($"away-{clustering}", set);
        await using var watcher = cluster.Watch($"away-{clustering}", 0);
        await watcher.Line("\"event\":\"round\"");

        await (clustering == "postgres" ? postgres.Stop() : redis.Stop());
        await Outages.Last(Outages.Database);
        await (clustering == "postgres" ? postgres.Start() : redis.Start());

        var events = await ChaosCluster.SameBytes(watcher, await bench.Simulated(set));
        Assert.InRange(ChaosCluster.MostRepeated(events), 0, 1);
    }

    [Fact(Timeout = 480_000)]
    public async Task A_silo_that_joins_takes_its_share_and_one_that_stops_hands_its_nodes_over()
    {
        await using var cluster = await Cluster("postgres", 2);
        string[] set = [.. Longer, "rounds=200"];
        await cluster.Begin("churn", set);
        await using var watcher = cluster.Watch("churn", 0);
        await watcher.Line("\"event\":\"round\"");

        // Held meanwhile: a quick machine does all rounds in the time that a silo takes to start.
        Assert.Equal(0, (await bench.Run("pause", "churn", "--silo", cluster.Silos[0].Gateway)).Code);
        await watcher.Line("\"event\":\"paused\"");
        await cluster.Add(1);
        Assert.Equal(0, (await bench.Run("resume", "churn", "--silo", cluster.Silos[0].Gateway)).Code);
        Assert.Contains("silo-2 joined", await watcher.Line("\"event\":\"reseated\""));
        await watcher.Line("\"event\":\"round\"");
        cluster.Silos[1].Program.Terminate();

        Assert.Equal(0, await cluster.Silos[1].Program.End());
        var events = await ChaosCluster.SameBytes(watcher, await bench.Simulated(set));
        Assert.Equal(0, ChaosCluster.MostRepeated(events)); // nothing is lost, so nothing is done again
    }

    private async Task<ChaosCluster> Cluster(string clustering, int silos, params string[] flags)
    {
        var database = clustering == "postgres" ? await postgres.Database() : redis.Database();
        var (code, _, error) = await bench.Run("cluster", "init", $"--{clustering}", database);
        Assert.True(code == 0, string.Join('\n', error));
        var cluster = new ChaosCluster(bench, clustering, database);
        await cluster.Add(silos, flags);
        return cluster;
    }
}
