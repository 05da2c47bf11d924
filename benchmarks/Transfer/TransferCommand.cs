using System.Diagnostics;
using Orleans.FL.ClientCli.Benchmarking.Probes;

namespace Orleans.FL.Benchmarks.Transfer;

/// <summary>
/// Moves weights between two silo processes, over loopback or over a slow link between two network namespaces.
/// </summary>
/// <param name="output">Where the table goes.</param>
internal sealed class TransferCommand(TextWriter output)
{
    private const string Header = """
        | MB | chunks MB/s | raw TCP MB/s | ratio | ping before, p50 / p99 | meanwhile | sender's MiB | reader's MiB |
        |---|---|---|---|---|---|---|---|
        """;

    /// <summary>Runs.</summary>
    /// <param name="args">None, <c>--slow-link</c>, <c>--window N</c>.</param>
    public async Task Run(string[] args)
    {
        var (slow, window) = (false, 4);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--slow-link") slow = true;
            else if (args[i] != "--window" || i + 1 == args.Length || !int.TryParse(args[++i], out window)
                || window is < 1 or > 64)
                throw new ArgumentException($"'{string.Join(' ', args)}' is not known; "
                    + "there are --slow-link and --window with 1 to 64 chunks.");
        }
        await output.WriteLineAsync(Header);
        if (slow) await OverSlowLink(window);
        else await Measure([], [], "127.0.0.1", "127.0.0.1", window, 7, [45, 245]);
    }

    private async Task OverSlowLink(int window)
    {
        var id = Environment.ProcessId;
        var (a, b) = ($"flbench-a-{id}", $"flbench-b-{id}");
        var (ea, eb) = ($"fa{id}", $"fb{id}");
        try
        {
            await Ip("netns", "add", a);
            await Ip("netns", "add", b);
            await Ip("link", "add", ea, "netns", a, "type", "veth", "peer", "name", eb, "netns", b);
            foreach (var (space, end, address) in new[] { (a, ea, "10.77.0.1/24"), (b, eb, "10.77.0.2/24") })
            {
                await Ip("-n", space, "addr", "add", address, "dev", end);
                await Ip("-n", space, "link", "set", end, "up");
                await Ip("-n", space, "link", "set", "lo", "up");
                await Execute("tc", "-n", space, "qdisc", "add", "dev", end, "root", "tbf", "rate", "100mbit", "burst",
                    "64kb", "latency", "400ms");
            }
            await Measure(["ip", "netns", "exec", a], ["ip", "netns", "exec", b], "10.77.0.1", "10.77.0.2",
                window, 1, [45]);
        }
        finally
        {
            foreach (var space in new[] { a, b })
            {
                try
                {
                    await Ip("netns", "del", space);
                }
                catch (MeasurementException)
                {
                    // it was not made
                }
            }
        }
    }

    private async Task Measure(string[] atPublisher, string[] atReader, string publisher, string reader, int window,
        int repeats, int[] megabytes)
    {
        var port = $"{20_000 + Environment.ProcessId % 5_000 * 5}";
        using var silo = Start(
            [.. atPublisher, .. Self([TransferSilo.Publisher, publisher, publisher, port, $"{window}"])], input: true);
        try
        {
            if (await silo.StandardOutput.ReadLineAsync() != "up")
                throw new MeasurementException("The publishing silo did not start.");
            using var measuring = Start([.. atReader, .. Self([TransferSilo.Reader, reader, publisher, port,
                $"{window}", $"{repeats}", .. megabytes.Select(m => $"{m}")])], input: false);
            while (await measuring.StandardOutput.ReadLineAsync() is { } line) await output.WriteLineAsync(line);
            await measuring.WaitForExitAsync();
            if (measuring.ExitCode != 0)
                throw new MeasurementException($"The reading silo ended with {measuring.ExitCode}.");
        }
        finally
        {
            silo.StandardInput.Close();
            await silo.WaitForExitAsync();
        }
    }

    private static IEnumerable<string> Self(IEnumerable<string> arguments) =>
        ["dotnet", Path.Combine(AppContext.BaseDirectory, "Orleans.FL.Benchmarks.dll"), .. arguments];

    private static Task Ip(params string[] arguments) => Execute(["ip", .. arguments]);

    private static async Task Execute(params string[] command)
    {
        using var process = Start(command, input: false);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new MeasurementException(
                $"{string.Join(' ', command)} ended with {process.ExitCode}; --slow-link needs root and iproute2.");
    }

    private static Process Start(string[] command, bool input) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = input
        })
            ?? throw new MeasurementException($"{command[0]} did not start.");
}
