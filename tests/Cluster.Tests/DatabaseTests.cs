using System.Text.Json;
using Orleans.FL.Cluster.Tests.Chaos;
using Orleans.FL.Testing.Servers;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

/// <summary>What holds on every database that a cluster may stand on.</summary>
public abstract class DatabaseTests(Workbench bench, string clustering) : IClassFixture<Workbench>
{
    /// <summary>A database that is ready for silos, and nobody else's.</summary>
    protected abstract Task<string> Ready();

    /// <summary>Ends the server.</summary>
    protected abstract Task Stop();

    /// <summary>Starts it again.</summary>
    protected abstract Task Restart();

    [Fact(Timeout = 180_000)]
    public async Task Silos_find_each_other_and_either_gateway_gives_the_weights_of_the_simulation()
    {
        var database = await Ready();
        await using var first = await SiloProgram.Start(bench, clustering, database);
        await using var second = await SiloProgram.Start(bench, clustering, database);

        var simulated = Sha(await bench.Simulated());
        foreach (var gateway in (string[])[first.Gateway, second.Gateway])
        {
            var (code, output, error) = await bench.Run("start", "toy.json", "--silo", gateway, "--json");
            Assert.True(code == 0, string.Join('\n', error));
            var events = output.Select(l => JsonDocument.Parse(l).RootElement).ToArray();
            Assert.Equal(2,
                events.Single(e => e.GetProperty("event").GetString() == "seated").GetProperty("silos").GetInt32());
            Assert.Equal(simulated, Sha(events[^1]));
        }
    }

    /// <summary>
    /// A minute and more: what the databases differ in is tried on both of them by the tests of chaos.
    /// </summary>
    protected async Task OutlivesAnOutage()
    {
        var database = await Ready();
        await using var first = await SiloProgram.Start(bench, clustering, database);
        await using var second = await SiloProgram.Start(bench, clustering, database);
        await using var watcher = bench.Flctl("start", "toy.json", "--set", "rounds=100000", "--silo", first.Gateway);
        await watcher.Line("round ");

        await Stop();
        try
        {
            await watcher.Line("The run waits for "); // a round counts when it is in the journal
        }
        finally
        {
            await Restart(); // other tests use the same server
        }

        await watcher.Line("round ");
        var (code, _, error) = await bench.Run("start", "toy.json", "--silo", second.Gateway, "--json");
        Assert.True(code == 0, string.Join('\n', error));
        // the list of silos takes a new one
        await using var third = await SiloProgram.Start(bench, clustering, database);
    }

    [NightlyFact(Timeout = 180_000)] // ChaosTests kill silos on either database
    public async Task A_run_goes_on_without_a_silo_that_is_killed_and_gives_the_weights_of_the_simulation()
    {
        var database = await Ready();
        await using var first = await SiloProgram.Start(bench, clustering, database, "--runs", "first");
        await using var second = await SiloProgram.Start(bench, clustering, database, "--runs", "second");
        await using var watcher = bench.Flctl("start", "toy.json", "--set", "rounds=200", "--silo",
            second.Gateway, "--json");
        for (var rounds = 0; rounds < 3; rounds++) await watcher.Line("\"event\":\"round\"");

        first.Program.Kill();

        Assert.Equal(Sha(await bench.Simulated("rounds=200")), await End(watcher));
    }

    /// <summary>
    /// ChaosTests kills all silos on PostgreSQL: the database that it does not try is tried here each time.
    /// </summary>
    protected async Task OutlivesAllSilos()
    {
        var database = await Ready();
        await using var first = await SiloProgram.Start(bench, clustering, database, "--runs", "first");
        await using var second = await SiloProgram.Start(bench, clustering, database, "--runs", "second");
        await using var watcher = bench.Flctl("start", "toy.json", "--set", "rounds=200", "--silo",
            second.Gateway, "--json");
        for (var rounds = 0; rounds < 3; rounds++) await watcher.Line("\"event\":\"round\"");

        first.Program.Kill();
        second.Program.Kill();
        await Task.WhenAll(first.Restart(), second.Restart());

        Assert.Equal(Sha(await bench.Simulated("rounds=200")), await End(watcher));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_database_that_is_away_is_one_sentence_without_the_password()
    {
        var database = await Ready();
        await Stop();
        try
        {
            RunningProgram[] programs = [Silo(database), bench.Flctl("cluster", "init", $"--{clustering}", database)];
            foreach (var program in programs)
                await using (program)
                {
                    var code = await program.End();
                    Assert.Empty(program.Output);
                    var sentence = Assert.Single(program.Error);
                    Assert.Contains("cannot be reached", sentence);
                    Assert.Contains("start the server", sentence);
                    Assert.DoesNotContain(PostgresServer.Password, sentence);
                    Assert.NotEqual(0, code);
                }
        }
        finally
        {
            await Restart();
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task A_silo_whose_database_is_away_is_not_healthy_and_stops_when_it_is_asked_to()
    {
        await using var silo = await SiloProgram.Start(bench, clustering, await Ready(), "--runs", "alone");
        using var http = new HttpClient { BaseAddress = silo.Web };
        Assert.Contains("\"status\":\"ok\"", await http.GetStringAsync("/health"));
        await Stop();
        try
        {
            string health;
            using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(200)); // it may have asked a second ago
            do
            {
                using var answer = await http.GetAsync("/health");
                health = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
            }
            while (health.StartsWith("200", StringComparison.Ordinal) && await every.WaitForNextTickAsync());
            Assert.StartsWith("503 {\"status\":\"database not reached\"", health);

            silo.Program.Terminate();

            // no other silo takes its nodes over: 14 s, and time for a busy machine
            await silo.Program.End(TimeSpan.FromSeconds(30));
            Assert.DoesNotContain(silo.Program.Error, l => l.StartsWith("   at ", StringComparison.Ordinal));
        }
        finally
        {
            await Restart();
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_wrong_password_is_one_sentence_that_does_not_repeat_it()
    {
        var wrong = (await Ready()).Replace(PostgresServer.Password, "guessed", StringComparison.Ordinal);
        await using var silo = Silo(wrong);

        Assert.Equal(2, await silo.End());
        var sentence = Assert.Single(silo.Error);
        Assert.Contains("does not let", sentence);
        Assert.DoesNotContain("guessed", sentence);
    }

    /// <summary>A silo that is not expected to come up.</summary>
    private protected RunningProgram Silo(string database) => bench.Start("Orleans.FL.Silo.dll",
        ["--clustering", clustering, "--silo-port", $"{Workbench.FreePort()}", "--gateway-port", "0", "--http-port",
            "0"],
        ("ORLEANS_FL_DATABASE", database));

    /// <summary>The hash of a run's weights, of which its watcher has seen each event once.</summary>
    private static async Task<string?> End(RunningProgram watcher)
    {
        var code = await watcher.End();
        Assert.True(code == 0, string.Join('\n',
            [.. watcher.Output.Where(l => !l.Contains("\"round\"", StringComparison.Ordinal)), .. watcher.Error]));
        var events = watcher.Output.Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(e => e.GetProperty("sequence").GetInt32()));
        return Sha(events[^1]);
    }

    private static string? Sha(JsonElement e) => e.GetProperty("weightsSha256").GetString();
}
