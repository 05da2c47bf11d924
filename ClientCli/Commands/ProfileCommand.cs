using System.ComponentModel;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Says where the time of a run went.</summary>
internal sealed class ProfileCommand(RunFinder finder, Terminal terminal) : AsyncCommand<ProfileCommand.Settings>
{
    internal sealed class Settings : RecordSettings
    {
        [CommandOption("--peak")]
        [Description("Measures what this machine computes at best, fused multiply-adds in its widest registers, and "
            + "for a second its matrix-multiply rate, with a thread for each lane of the run, and shows training as a "
            + "share of both. Of use only where the run ran on this machine "
            + "and little else runs now.")]
        public bool Peak { get; init; }
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (RunFinder.Folder(settings.Run, settings.Runs) is { } folder) return Show(folder, settings);
        await using var federation = await finder.ConnectFor(settings.Target, settings.Run, settings.Runs,
            cancellationToken);
        var status = await RunFinder.Find(federation, settings.Run);
        return Directory.Exists(status.Folder)
            ? Show(RunFolderReader.Open(status.Folder), settings)
            : Show(status.Run, $"{status.State}", await RecordedEvents.Of(federation, status.Run, cancellationToken),
                [], [], settings);
    }

    private int Show(RunFolderReader folder, Settings settings)
    {
        if (settings.Peak && folder.Manifest() is { Machine: var machine } && machine.Host != Machine.Here().Host)
            terminal.Error.WriteLine($"The run was coordinated on {machine.Host}, not on this machine, so its "
                + "share of what this machine computes says little.");
        return Show(folder.Id, $"{folder.Status}", RecordedEvents.Of(folder.Path), folder.Phases(),
            folder.Lanes(), settings);
    }

    private int Show(string run, string state, IReadOnlyList<RunEvent> events, IReadOnlyList<PhaseRow> phases,
        IReadOnlyList<LaneRow> lanes, Settings settings)
    {
        if (RunTimes.Of(events, phases, lanes) is not { } times)
        {
            throw new FederationException(events.Any(e => e is RoundEvent)
                ? $"Run '{run}' was recorded by an earlier version, without its times; "
                    + $"'flctl show {run}' has the seconds of its rounds."
                : $"Run '{run}' has not done a round yet; it can be profiled after the first.");
        }
        MachineRates? rates = settings.Peak
            ? new(FmaPeakRate.Measure(Threads(events)), MatrixProductRate.Measure(Threads(events)))
            : null;
        var page = new TimesPage(run, state.ToLowerInvariant(), times, rates);
        if (settings.Json) terminal.Output.WriteLine(page.Json());
        else page.Write(terminal);
        return ExitCode.Done;
    }

    private static int Threads(IReadOnlyList<RunEvent> events) =>
        Math.Clamp(events.OfType<RoundEvent>().Last(r => r.Work is not null).Work!.Lanes, 1,
            Environment.ProcessorCount);
}
