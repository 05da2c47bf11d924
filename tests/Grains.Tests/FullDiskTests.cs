using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Tests.Checkpoints;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// A disk that is full holds up the record of a run, not the run: the journal is elsewhere. When there is space, the
/// record is what it would have been.
/// </summary>
public sealed class FullDiskTests
{
    private const string Run = "full";

    [SmallDiskFact(Timeout = 120_000)]
    public async Task The_record_waits_for_space_while_the_run_goes_on_and_is_made_whole()
    {
        using var disk = new SmallDisk(mebibytes: 8);
        await using var cluster = await SmallDiskCluster.Start(disk);
        var experiment = Toy.Experiment("rounds=400", "checkpoints.every=0");
        var grain = await cluster.Begin(experiment, Run);
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 5 });

        disk.Fill();
        string? said = null;
        await FederationCluster.Until(grain, e => e is PulseEvent { Waiting: { } waiting } && (said = waiting) != "");
        var at = (await grain.Status()).Round;
        await FederationCluster.Until(grain, e => e is RoundEvent round && round.Round == at + 20);
        var recorded = RunFolderReader.Open(cluster.Runs, Run).Rounds().Count;
        disk.Free();

        Assert.StartsWith("The run's record waits until it can be written: No space left on device", said,
            StringComparison.Ordinal);
        Assert.InRange(recorded, 5, at + 1);
        var events = await FederationCluster.Watch(grain);
        await Simulated.HasTheBitsOf(experiment, events);
        var folder = RunFolderReader.Open(cluster.Runs, Run);
        Assert.Equal(RunOutcome.Finished, folder.Status);
        Assert.Equal(Enumerable.Range(1, 400), folder.Rounds().Select(r => r.Round));
        Assert.Equal(events.Select(e => e.ToJson()), await Lines("events.jsonl"));
        Assert.Equal(401, (await Lines("metrics.csv")).Length); // and a header
        Assert.Equal(1 + (400 * 6), (await Lines("nodes.csv")).Length);
        Assert.Equal(Enumerable.Range(1, 400),
            (await Lines("silos.csv"))[1..].Select(l => int.Parse(l.Split(',')[0])).Distinct());
        Assert.Contains(await Lines("log.txt"),
            l => l.Contains("The record is whole again.", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(folder.Path, "weights", "final.safetensors")));

        Task<string[]> Lines(string file) => File.ReadAllLinesAsync(Path.Combine(cluster.Runs, Run, file));
    }

    [SmallDiskFact(Timeout = 120_000)]
    public async Task A_run_that_has_done_all_its_rounds_waits_with_its_weights_for_space()
    {
        using var disk = new SmallDisk(mebibytes: 8);
        await using var cluster = await SmallDiskCluster.Start(disk);
        var experiment = Toy.Experiment("rounds=40");
        var grain = await cluster.Begin(experiment, Run);
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 2 });

        disk.Fill();
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 40 });
        await FederationCluster.Until(grain, e => e is PulseEvent { Waiting: not null });
        Assert.Equal(RunState.Running, (await grain.Status()).State);
        disk.Free();

        await Simulated.HasTheBitsOf(experiment, await FederationCluster.Watch(grain));
        var folder = RunFolderReader.Open(cluster.Runs, Run);
        Assert.Equal(40, folder.Summary()!.Rounds);
        Assert.NotNull(folder.Manifest());
    }

    [SmallDiskFact(Timeout = 120_000)]
    public async Task A_run_is_taken_up_although_its_folder_cannot_be_made_again_yet()
    {
        using var disk = new SmallDisk(mebibytes: 8);
        await using var cluster = await SmallDiskCluster.Start(disk);
        var experiment = Toy.Experiment("rounds=40");
        var grain = await cluster.Begin(experiment, Run);
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 9 });
        await grain.Stop();
        disk.Fill();

        await grain.Resume();
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 20 });
        disk.Free();

        await Simulated.HasTheBitsOf(experiment, await FederationCluster.Watch(grain));
        Assert.Equal(Enumerable.Range(1, 40),
            RunFolderReader.Open(cluster.Runs, Run).Rounds().Select(r => r.Round));
    }

    /// <summary>Run folders are on a small disk, the journal is on another.</summary>
    private sealed class SmallDiskCluster(string runs, string journals)
        : FederationCluster(1, 1, store: new FolderCheckpointStore(journals), runs: runs)
    {
        public static async Task<SmallDiskCluster> Start(SmallDisk disk)
        {
            var cluster = new SmallDiskCluster(
                Directory.CreateDirectory(Path.Combine(disk.Path, "runs")).FullName,
                Directory.CreateTempSubdirectory("orleans-fl-journals-").FullName);
            await cluster.InitializeAsync();
            return cluster;
        }

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            Directory.Delete(journals, recursive: true);
        }
    }
}
