using System.Text.Json;
using Npgsql;
using Orleans.FL.Cluster.Tests.Chaos;
using Orleans.FL.Testing.Servers;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

[Collection(nameof(Servers))]
public sealed class PostgresTests(Workbench bench, PostgresServer server) : DatabaseTests(bench, "postgres")
{
    private readonly Workbench _bench = bench;

    [NightlyFact(Timeout = 180_000)]
    public Task A_run_outlives_an_outage_of_the_database_and_new_ones_start_after_it() => OutlivesAnOutage();

    [NightlyFact(Timeout = 180_000)] // ChaosTests.All_silos_killed_and_restarted_resume_by_themselves
    public Task A_run_goes_on_when_all_silos_were_killed_and_are_back() => OutlivesAllSilos();

    [Fact(Timeout = 120_000)]
    public async Task Init_makes_the_tables_once_and_changes_nothing_when_done_again()
    {
        var database = await server.Database();

        var first = await Init(database);
        var again = await Init(database);

        Assert.Equal((0, 0), (first.Code, again.Code));
        Assert.Contains("made the tables (main, clustering, persistence, reminders, checkpoints)",
            Assert.Single(first.Output));
        Assert.EndsWith("nothing was changed.", Assert.Single(again.Output));
        Assert.Empty(first.Error.Concat(again.Error));
        Assert.DoesNotContain(PostgresServer.Password, $"{first.Output[0]}{again.Output[0]}");
    }

    [Fact(Timeout = 120_000)]
    public async Task Two_inits_at_once_both_succeed_and_one_makes_the_tables()
    {
        var database = await server.Database();

        var both = await Task.WhenAll(Init(database), Init(database));

        Assert.All(both, one => Assert.Equal(0, one.Code));
        Assert.Single(both, one => one.Output[0].Contains("made the tables", StringComparison.Ordinal));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_silo_whose_tables_are_missing_says_how_to_make_them()
    {
        await using var silo = Silo(await server.Database());

        Assert.Equal(2, await silo.End());
        Assert.Contains("flctl cluster init", Assert.Single(silo.Error));
        Assert.Empty(silo.Output);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("DROP TABLE fl_checkpoint_line", "half made: of Checkpoints, fl_checkpoint_line is missing")]
    [InlineData("DROP TABLE OrleansMembershipTable CASCADE",
        "half made: of Clustering, orleansmembershiptable is missing")]
    [InlineData("DELETE FROM OrleansQuery WHERE QueryKey = 'ReadFromStorageKey'",
        "of Persistence, ReadFromStorageKey is missing")]
    [InlineData("UPDATE OrleansQuery SET QueryText = 'SELECT 1' WHERE QueryKey = 'ReadReminderRowKey'",
        "another version of Orleans (ReadReminderRowKey differs)")]
    public async Task Init_leaves_a_database_that_it_did_not_make_as_it_is(string harm, string sentence)
    {
        var database = await server.Database();
        await Init(database);
        await PostgresServer.Execute(database, harm);
        var before = await Count(database);

        var (code, output, error) = await Init(database);

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains(sentence, Assert.Single(error));
        Assert.Equal(before, await Count(database));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_user_without_the_right_to_make_tables_learns_which_right_is_missing()
    {
        var database = await server.Database();
        await PostgresServer.Execute(database, "CREATE USER guest PASSWORD 'guest'");
        var guest =
            new NpgsqlConnectionStringBuilder(database) { Username = "guest", Password = "guest" }.ConnectionString;

        var (code, _, error) = await Init(guest);

        Assert.Equal(1, code);
        Assert.Contains("GRANT CREATE ON SCHEMA public TO guest;", Assert.Single(error));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_database_that_does_not_exist_is_distinguished_from_a_server_that_does_not()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(server.Connection) { Database = "nowhere" }.ConnectionString;

        var (code, _, error) = await Init(nowhere);

        Assert.Equal(1, code);
        Assert.Contains("there is no such database", Assert.Single(error));
    }

    [Fact(Timeout = 120_000)]
    public async Task Clusters_of_two_names_share_a_database_and_do_not_see_each_other()
    {
        var database = await Ready();
        await using var usual = await SiloProgram.Start(_bench, "postgres", database);
        await using var named = await SiloProgram.Start(_bench, "postgres", database, "--cluster", "named",
            "--labels", "zone=a");
        await using var flctl = _bench.Start("flctl.dll", ["start", "toy.json", "--silo", named.Gateway, "--json"],
            ("ORLEANS_FL_CLUSTER", "named"));

        Assert.Equal(0, await flctl.End());
        var events = flctl.Output.Select(l => JsonDocument.Parse(l).RootElement);
        Assert.Equal(1,
            events.Single(e => e.GetProperty("event").GetString() == "seated").GetProperty("silos").GetInt32());
    }

    protected override async Task<string> Ready()
    {
        var database = await server.Database();
        Assert.Equal(0, (await Init(database)).Code);
        return database;
    }

    protected override Task Stop() => server.Stop();

    protected override Task Restart() => server.Start();

    private Task<(int Code, string[] Output, string[] Error)> Init(string database) =>
        _bench.Run("cluster", "init", "--postgres", database);

    private static async Task<object?> Count(string database) =>
        await PostgresServer.Execute(database, "SELECT (SELECT count(*) FROM pg_class WHERE relname ~ "
            + "'^(orleans|fl_)') + (SELECT count(*) FROM OrleansQuery)");
}
