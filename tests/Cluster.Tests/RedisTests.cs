using Orleans.FL.Cluster.Tests.Chaos;
using Orleans.FL.Testing.Servers;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

[Collection(nameof(Servers))]
public sealed class RedisTests(Workbench bench, RedisServer server) : DatabaseTests(bench, "redis")
{
    private readonly Workbench _bench = bench;

    [NightlyFact(Timeout = 180_000)]
    public Task A_run_outlives_an_outage_of_the_database_and_new_ones_start_after_it() => OutlivesAnOutage();

    [Fact(Timeout = 180_000)]
    public Task A_run_goes_on_when_all_silos_were_killed_and_are_back() => OutlivesAllSilos();

    [Fact(Timeout = 120_000)]
    public async Task Init_says_that_nothing_else_is_needed()
    {
        var (code, output, error) = await Init(server.Connection);

        Assert.Equal(0, code);
        Assert.EndsWith("may be written; nothing else is needed.", Assert.Single(output));
        Assert.DoesNotContain(RedisServer.Password, output[0]);
        Assert.Empty(error);
    }

    [Fact(Timeout = 120_000)]
    public async Task Init_warns_of_a_server_that_forgets()
    {
        await using var forgetful = await RedisServer.Create(appendOnly: false);

        var (code, _, error) = await Init(forgetful.Connection);

        Assert.Equal(0, code);
        Assert.StartsWith("Warning: appendonly is off", Assert.Single(error));
    }

    protected override Task<string> Ready() => Task.FromResult(server.Database());

    protected override Task Stop() => server.Stop();

    protected override Task Restart() => server.Start();

    private Task<(int Code, string[] Output, string[] Error)> Init(string database) =>
        _bench.Run("cluster", "init", "--redis", database);
}
