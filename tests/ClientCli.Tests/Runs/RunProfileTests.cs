using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Runs;

/// <summary><c>flctl profile</c>.</summary>
public sealed class RunProfileTests : IDisposable
{
    private readonly TemporaryFolder _runs = new();
    private readonly RunFolder _folder;

    public RunProfileTests() => _folder = RunFolder.Create(_runs.Path, "past", TimeProvider.System, Classes.Task);

    public void Dispose()
    {
        _folder.Dispose();
        _runs.Dispose();
    }

    [Fact]
    public async Task A_run_that_goes_on_is_profiled_from_its_folder()
    {
        Record(Sample.Registered, RunTimesTests.Round(1), RunTimesTests.Round(2));
        _folder.AppendTimes(RunTimesTests.Phases, RunTimesTests.Lanes);
        File.AppendAllText(Path.Combine(_folder.Path, "phases.csv"), "3,tr"); // being written
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.Done, await shell.Run("profile", "past", "--runs", _runs.Path));

        Assert.Equal("run past: running, 2 rounds in 40.0 s; paused for 100.0 s more", shell.OutputLines[0]);
        Assert.Equal(["train", "16.00", "40", "%", new string('━', 12)], Words(shell, "train")); // 40 % of 30 columns
        Assert.Equal(["in", "training", "16.00", "2.50", "100", "4.0"], Words(shell, "in training"));
        Assert.Equal(["in", "rounds", "36.00", "1.11", "44.4", "1.8"], Words(shell, "in rounds"));
        Assert.Equal(["a", "2", "50", "%", "5", "%", "5", "%", "10", "%", "30", "%"], Words(shell, "a "));
        Assert.Equal(["2", "(begun", "2", "times)", "26.00", "train", "12.00"], Words(shell, "2 ("));
        Assert.DoesNotContain("of matmul rate", shell.Output);
        // Of 50 lane seconds 30 in training, 2 + 2 in combining and testing, 4 for others, 12 idle.
        Assert.Equal("60 % of the time lanes trained, 8 % they combined and tested, worked for other runs 8 %, "
            + "24 % they had nothing to do; beside training the run spent most on 'checkpoint' (35 % of its time).",
            shell.OutputLines[^1]);
    }

    [Fact]
    public async Task As_json_it_is_one_object()
    {
        Record(RunTimesTests.Round(1), RunTimesTests.Round(2));
        _folder.AppendTimes(RunTimesTests.Phases, RunTimesTests.Lanes);
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.Done, await shell.Run("profile", Path.Combine(_runs.Path, "past"), "--json"));

        var profile = JsonDocument.Parse(Assert.Single(shell.OutputLines)).RootElement;
        Assert.Equal("running", profile.GetProperty("state").GetString());
        Assert.Equal(("train", 16, 0.4), profile.GetProperty("phases").EnumerateArray().Select(p =>
            (p.GetProperty("phase").GetString()!, p.GetProperty("seconds").GetDouble(),
                p.GetProperty("share").GetDouble())).First());
        Assert.Equal(2.5, profile.GetProperty("training").GetProperty("clientsPerSecond").GetDouble());
        Assert.False(profile.GetProperty("training").TryGetProperty("shareOfMatrixMultiplyRate", out _));
        Assert.Equal([0.5, 1],
            profile.GetProperty("lanes").EnumerateArray().Select(l => l.GetProperty("train").GetDouble()));
    }

    [Fact]
    public async Task A_run_whose_folder_is_elsewhere_is_profiled_from_the_events_of_its_silo()
    {
        // The watching goes on after what is recorded; the profile does not wait for more.
        var shell = new Shell
        {
            Federation = new FakeFederation()
                .Hangs(Sample.Registered, Sample.Seated, RunTimesTests.Round(1), Sample.Progress(2, 3))
        };

        Assert.Equal(ExitCode.Done, await shell.Run("profile", Sample.Run, "--runs", _runs.Path));

        Assert.Equal(["in", "training", "1.00", "20.0", "800", "32.0"], Words(shell, "in training"));
        Assert.Contains("lanes.csv", shell.Output);
        // 3 of 3 lanes x 1.5 s.
        Assert.StartsWith(
            "Lanes trained 67 % of the rounds' time; beside training the run spent most on 'exchange 1' (33 %",
            shell.OutputLines[^1]);
    }

    [Fact]
    public async Task A_run_of_an_earlier_version_cannot_be_profiled()
    {
        Record(Sample.Registered, Sample.Round(1));
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.Failed, await shell.Run("profile", "past", "--runs", _runs.Path));
        Assert.Equal("Run 'past' was recorded by an earlier version, without its times; "
            + "'flctl show past' has the seconds of its rounds.", Assert.Single(shell.ErrorLines));
    }

    [Fact]
    public async Task A_run_before_its_first_round_cannot_either()
    {
        Record(Sample.Registered);
        var shell = new Shell { Federations = new FakeFederations(null) };

        Assert.Equal(ExitCode.Failed, await shell.Run("profile", "past", "--runs", _runs.Path));
        Assert.Equal("Run 'past' has not done a round yet; it can be profiled after the first.",
            Assert.Single(shell.ErrorLines));
    }

    [Fact]
    public async Task The_help_says_how_to_get_the_share_of_the_matrix_multiply_rate()
    {
        var shell = new Shell();

        await shell.Run("profile", "--help");

        Assert.Contains("--peak", shell.Output);
        Assert.Contains("training as a share",
            string.Join(' ', shell.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    private void Record(params RunEvent[] events)
    {
        foreach (var e in events) _folder.AppendEvent(e.ToJson());
    }

    /// <summary>Words of the line that begins so.</summary>
    private static string[] Words(Shell shell, string begin) => shell.OutputLines.Select(l => l.Trim())
        .First(l => l.StartsWith(begin, StringComparison.Ordinal))
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
