using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Benchmarking;

public sealed class MeterTests
{
    [Fact(Timeout = 30_000)]
    public async Task Output_of_a_program_is_read_line_by_line_and_its_last_line_kept()
    {
        var lines = new List<string>();

        var cost = await Meter.Run(["sh", "-c", "echo one; echo two"], (line, _) => lines.Add(line));

        Assert.Equal(["one", "two"], lines);
        Assert.Equal("two", cost.LastLine);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_program_that_fails_is_an_exception_with_its_output()
    {
        var e = await Assert.ThrowsAsync<MeasurementException>(() =>
            Meter.Run(["sh", "-c", "echo no such thing >&2; exit 3"]));

        Assert.Contains("ended with 3: no such thing", e.Message);
    }

    [Fact(Timeout = 30_000)]
    public async Task Giving_up_ends_the_program()
    {
        using var giveUp = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Meter.Run(["sh", "-c", "echo ready; sleep 1000"], (_, _) => giveUp.Cancel(), giveUp.Token));
    }
}
