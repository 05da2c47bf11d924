using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _file;

    public StartTests() => _file = _folder.Write("tiny.json", Sample.Experiment);

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task A_run_is_registered_started_and_shown_to_its_end()
    {
        var shell = new Shell { Federation = new FakeFederation().Plays(Sample.Events) };

        Assert.Equal(ExitCode.Done, await shell.Run("start", _file, "--run", "mine"));

        Assert.Equal(["register mine", $"start {Sample.Run}", $"watch {Sample.Run} 0"], shell.Federation.Calls);
        Assert.Contains($"weights sha256 {Sample.Sha}", shell.OutputLines);
        Assert.Equal(3, shell.OutputLines.Count(l => l.StartsWith("round ", StringComparison.Ordinal)));
        Assert.True(shell.Federation.Disposed);
    }

    [Fact(Timeout = 30_000)]
    public async Task Output_that_is_no_terminal_has_no_escape_codes()
    {
        var shell = new Shell { Federation = new FakeFederation().Plays(Sample.Events) };

        await shell.Run("start", _file);

        Assert.DoesNotContain('\e', shell.Output);
    }

    [Fact(Timeout = 30_000)]
    public async Task Json_is_one_object_a_line_without_progress_and_ends_with_finished()
    {
        var shell = new Shell { Federation = new FakeFederation().Plays(Sample.Events) };

        await shell.Run("start", _file, "--json");

        var kinds = shell.OutputLines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("event").GetString());
        Assert.Equal(["registered", "seated", "round", "round", "round", "finished"], kinds);
        var end = JsonDocument.Parse(shell.OutputLines[^1]).RootElement;
        Assert.Equal((Sample.Run, Sample.Folder, 3, Sample.Sha, 0.75, 12.5), (end.GetProperty("run").GetString(), end
            .GetProperty("folder").GetString(), end.GetProperty("rounds").GetInt32(), end.GetProperty("weightsSha256")
                .GetString(), end.GetProperty("testAccuracy").GetDouble(), end.GetProperty("seconds").GetDouble()));
        Assert.Empty(shell.Error);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_run_that_failed_exits_with_1_and_says_why()
    {
        var shell = new Shell
        {
            Federation = new FakeFederation()
                .Plays([Sample.Registered, new FailedEvent(Sample.Run, Sample.Folder, 1, "No data.") { Sequence = 1 }]),
        };

        Assert.Equal(ExitCode.Failed, await shell.Run("start", _file));
        Assert.Contains("failed after 1 round: No data.", shell.OutputLines);
    }

    [Fact(Timeout = 30_000)]
    public async Task Errors_that_the_registry_finds_exit_with_2_and_nothing_starts()
    {
        var shell = new Shell
        {
            Federation =
                new FakeFederation { Registration = new(null, null, ["Run 'mine' exists.", "$.nodes: too many"]) }
        };

        Assert.Equal(ExitCode.YourInput, await shell.Run("start", _file, "--run", "mine"));

        Assert.Equal(["Run 'mine' exists.", "$.nodes: too many"], shell.ErrorLines);
        Assert.Equal(["register mine"], shell.Federation.Calls);
    }

    [Fact(Timeout = 30_000)]
    public async Task Detached_it_prints_the_run_and_how_to_come_back()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("start", _file, "--detach"));

        Assert.Equal([$"run {Sample.Run}", $"folder {Sample.Folder}"], shell.OutputLines[..2]);
        Assert.Contains($"flctl watch {Sample.Run}", shell.OutputLines[2]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Local_embeds_a_silo_with_the_lanes_and_the_folder_asked_for()
    {
        var federations = new FakeFederations(new FakeFederation().Plays(Sample.Events));
        var shell = new Shell { Federations = federations };

        Assert.Equal(ExitCode.Done, await shell.Run("start", _file, "--local", "--lanes", "3", "--runs", "here"));
        Assert.Equal(["embed here 3"], federations.Calls);
    }

    [Fact(Timeout = 30_000)]
    public async Task Interrupted_it_leaves_the_run_of_a_silo_alone()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var shell = new Shell { Federation = new FakeFederation().Hangs(Sample.Registered, Sample.Seated) };

        Assert.Equal(ExitCode.Failed, await shell.Run(["start", _file], interrupt.Token));

        Assert.DoesNotContain($"stop {Sample.Run}", shell.Federation.Calls);
        Assert.Contains($"'flctl watch {Sample.Run}' comes back", shell.Error);
    }

    [Fact(Timeout = 30_000)]
    public async Task Interrupted_it_stops_the_run_of_an_embedded_silo_and_shows_its_end()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var stopped = new StoppedEvent(Sample.Run, Sample.Folder, 0, "It was stopped on request.") { Sequence = 2 };
        var shell = new Shell
        {
            Federation = new FakeFederation().Hangs(Sample.Registered, Sample.Seated)
                .Plays([Sample.Registered, Sample.Seated, stopped]),
        };

        Assert.Equal(ExitCode.Failed, await shell.Run(["start", _file, "--local"], interrupt.Token));

        // The second watching begins after the two events that were shown.
        Assert.Equal([$"watch {Sample.Run} 0", $"stop {Sample.Run}", $"watch {Sample.Run} 2"],
            shell.Federation.Calls[2..]);
        Assert.Contains("stopped after 0 rounds", shell.Output);
    }

    [Fact(Timeout = 30_000)]
    public async Task Without_a_silo_it_names_the_two_ways_out_within_five_seconds()
    {
        var shell = new Shell { Federations = new RealFederations(TimeProvider.System) };
        var clock = Stopwatch.StartNew();

        Assert.Equal(ExitCode.Failed, await shell.Run("start", _file, "--silo", $"127.0.0.1:{FreePort()}"));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
        var sentence = Assert.Single(shell.ErrorLines);
        Assert.Contains("dotnet run --project Silo", sentence);
        Assert.Contains("--local", sentence);
    }

    [Slow]
    [Fact(Timeout = 60_000)]
    public async Task A_silo_that_takes_the_connection_is_waited_for_and_said_to_be_slow_before_it_is_given_up()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var place = $"127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}";
        var time = new FakeTimeProvider();
        var shell = new Shell { Federations = new RealFederations(time) };

        var start = shell.Run("start", _file, "--silo", place);
        for (; !start.IsCompleted; await Task.Delay(1)) time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ExitCode.Failed, await start);
        Assert.Equal([
            $"Somebody listens at {place}, and no silo has answered yet; waiting (Ctrl+C gives up).",
            $"{place} takes connections, but no silo answered within 2 minutes; see what its log says, and try again.",
        ], shell.ErrorLines);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
