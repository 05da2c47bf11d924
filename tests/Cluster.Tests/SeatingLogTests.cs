using Xunit;

namespace Orleans.FL.Cluster.Tests;

public sealed class SeatingLogTests : IClassFixture<Workbench>
{
    private readonly Workbench _bench;

    public SeatingLogTests(Workbench bench) => _bench = bench;

    [Fact(Timeout = 120_000)]
    public async Task What_a_run_waits_for_is_logged_once_and_not_at_every_try()
    {
        await using var silo = await SiloProgram.Start(_bench);

        var (code, _, _) = await _bench.Run("start", "toy.json", "--silo", silo.Gateway, "--set",
            """devices=[{"nodes":[1],"label":"zone=nowhere"}]""", "--set", "seating.deadlineSeconds=5");

        Assert.Equal(1, code);
        // Five seconds are five tries, one a second.
        Assert.Single(silo.Program.Output.Concat(silo.Program.Error), l => l.Contains("cannot be seated yet"));
    }
}
