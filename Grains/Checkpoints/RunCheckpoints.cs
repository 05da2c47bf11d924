namespace Orleans.FL.Grains.Checkpoints;

/// <summary>The checkpoints of runs as their coordinator sees them: whole rounds.</summary>
/// <param name="store">Where they are.</param>
public sealed class RunCheckpoints(ICheckpointStore store)
{
    /// <summary>Checkpoints that are kept: one to go on from, and the one before in case that one is damaged.</summary>
    public const int Kept = 2;

    /// <summary>The newest checkpoint of a run that can be read.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="experiment">Hash of the run's experiment.</param>
    /// <param name="before">
    /// Only checkpoints after fewer rounds count: what to ask for when a blob of a later one proved damaged.
    /// </param>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    public async Task<FoundCheckpoint> Latest(string run, string experiment, int before = int.MaxValue)
    {
        var refused = new List<string>();
        foreach (var round in await store.Commits(run))
        {
            if (round >= before) continue;
            var (manifest, reason) = await Read(run, experiment, round);
            if (manifest is not null) return new FoundCheckpoint(manifest, refused);
            refused.Add($"The checkpoint of run '{run}' after round {round} in {store.Name} is refused: "
                + $"{reason!.TrimEnd('.')}.");
        }
        return new FoundCheckpoint(null, refused);
    }

    /// <summary>Commits a round, and lets go of the checkpoints and blobs that are not needed any more.</summary>
    /// <remarks>
    /// No snapshot of the run may be under way: a blob that it found in the store could be let go of. If the task fails
    /// while letting go, the commit counts all the same; the next one lets go of what is left.
    /// </remarks>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="manifest">The state of all nodes; their blobs are written.</param>
    /// <param name="keep">How many checkpoints are kept, this one among them; from 1.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    /// <exception cref="CheckpointException">It could not be written; the checkpoint before it is as it
    /// was.</exception>
    public async Task Commit(string run, long claim, CheckpointManifest manifest, int keep = Kept)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        await store.Commit(run, claim, manifest.Round, manifest.ToBytes());
        var kept = manifest.Blobs.ToHashSet();
        var firstRound = manifest.Round;
        foreach (var round in await store.Commits(run))
        {
            // Rounds after this one are of a future that was given up for damage; they are overwritten when it
            // comes again.
            if (round == manifest.Round || (round < manifest.Round && keep == 1)) continue;
            if (await Read(run, manifest.Experiment, round) is not { Manifest: { } other }) continue;
            kept.UnionWith(other.Blobs);
            if (round > manifest.Round) continue;
            firstRound = round;
            if (--keep == 1) break;
        }
        await store.Prune(run, claim, firstRound, kept);
    }

    private async Task<(CheckpointManifest? Manifest, string? Reason)> Read(string run, string experiment, int round)
    {
        try
        {
            var bytes = await store.ReadCommit(run, round);
            return (await Task.Run(() => CheckpointManifest.Parse(bytes, run, experiment, round)), null);
        }
        catch (DamagedCheckpointException e)
        {
            return (null, e.Message);
        }
    }
}

/// <summary>What there is to go on from.</summary>
/// <param name="Manifest">The newest checkpoint that can be read; null if there is none: the run begins anew.</param>
/// <param name="Refused">Why newer ones cannot be read, one sentence each.</param>
public sealed record FoundCheckpoint(CheckpointManifest? Manifest, IReadOnlyList<string> Refused);
