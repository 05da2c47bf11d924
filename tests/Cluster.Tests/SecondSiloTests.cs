using Orleans.FL.Testing.Servers;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

/// <summary>What may not be there twice: a name in a cluster, a cluster in a folder of runs.</summary>
[Collection(nameof(Servers))]
public sealed class SecondSiloTests(Workbench bench, PostgresServer postgres, RedisServer redis)
    : IClassFixture<Workbench>
{
    [Theory(Timeout = 180_000)]
    [InlineData("postgres")]
    [InlineData("redis")]
    public async Task A_silo_of_a_name_that_is_taken_is_refused_while_the_other_lives(string clustering)
    {
        var database = clustering == "postgres" ? await postgres.Database() : redis.Database();
        Assert.Equal(0, (await bench.Run("cluster", "init", $"--{clustering}", database)).Code);
        await using var north = await SiloProgram.Start(bench, clustering, database, "--name", "north");
        await using var east = await SiloProgram.Start(bench, clustering, database, "--name", "east");

        await using (var second = bench.Start("Orleans.FL.Silo.dll", Flags("--clustering", clustering,
            "--name", "east"), ("ORLEANS_FL_DATABASE", database)))
        {
            Assert.Equal(2, await second.End());
            Assert.Equal($"--name: a silo of this cluster is named 'east' and is at work at 127.0.0.1:{east.Port}; "
                + "give this one another name, or stop that one first.", Assert.Single(second.Error));
        }
        Assert.True(east.Program.Running);

        east.Program.Kill();

        // at once: nobody listens where the list of silos still has it
        await using var successor = await SiloProgram.Start(bench, clustering, database, "--name", "east");
    }

    [Fact(Timeout = 180_000)]
    public async Task Of_silos_of_one_name_that_start_at_once_one_comes_up()
    {
        await using var first = await SiloProgram.Start(bench, null, ["--runs", "at-once"]);
        RunningProgram[] alike = [.. Enumerable.Range(0, 3).Select(_ => bench.Start("Orleans.FL.Silo.dll",
            Flags("--name", "twin", "--runs", "at-once", "--primary", $"127.0.0.1:{first.Port}")))];
        try
        {
            var up = await Task.WhenAny(alike.Select(s => s.Line("is up"))).Unwrap();

            Assert.Contains("Silo twin is up", up);
            var codes = new List<int>();
            foreach (var silo in alike.Where(s => s.Output.All(l => !l.Contains("is up", StringComparison.Ordinal))))
                codes.Add(await silo.End());
            Assert.Equal([2, 2], codes);
        }
        finally
        {
            foreach (var silo in alike) await silo.DisposeAsync();
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task A_folder_of_runs_is_one_clusters()
    {
        await using var first = await SiloProgram.Start(bench, null, ["--runs", "shared", "--name", "one"]);
        var folder = Path.Combine(bench.Folder, "shared");

        await using (var another = bench.Start("Orleans.FL.Silo.dll", Flags("--runs", "shared")))
        {
            Assert.Equal(2, await another.End());
            Assert.Equal($"--runs: {folder} is in use by the silo 'one' at 127.0.0.1:{first.Port}; "
                + $"join it with --primary 127.0.0.1:{first.Port}, or give another folder.",
                Assert.Single(another.Error));
            Assert.Empty(another.Output);
        }
        await using (var elsewhere = bench.Start("Orleans.FL.Silo.dll",
            Flags("--runs", "apart", "--primary", $"127.0.0.1:{first.Port}")))
        {
            Assert.Equal(2, await elsewhere.End());
            Assert.Contains($"does not keep its runs in {Path.Combine(bench.Folder, "apart")}",
                Assert.Single(elsewhere.Error));
        }
        await using var member = await SiloProgram.Start(bench, first, ["--runs", "shared"]);

        first.Program.Kill(); // the system lets go of the folder

        await first.Restart();
    }

    private static string[] Flags(params string[] more) =>
        ["--silo-port", $"{Workbench.FreePort()}", "--gateway-port", "0", "--http-port", "0", "--lanes", "1", .. more];
}
