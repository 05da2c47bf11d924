namespace Orleans.FL.Grains.Checkpoints;

/// <summary>Where the snapshots and journals of runs live; all silos of a cluster reach the same one.</summary>
/// <remarks>
/// A run's blobs are named by the SHA-256 of their bytes, so that equal vectors of many nodes are kept once. A commit is a
/// manifest that names the blobs of all nodes at the end of a round; it counts only when it is there as a whole. The journal
/// is what the run's record is made of: one line a happening. Whoever writes first claims the run: claims count upwards, and
/// what an older claimant writes is refused, so that a process that was thought dead cannot write over its successor. Every
/// task ends when what was written is durable. All members are safe to call at the same time.
/// </remarks>
public interface ICheckpointStore
{
    /// <summary>How sentences name the store, e.g. <c>the folder /data/runs</c>.</summary>
    string Name { get; }

    /// <summary>Claims a run.</summary>
    /// <param name="run">Run id.</param>
    /// <returns>The claim's number, greater than all before it; the first is 1.</returns>
    Task<long> Claim(string run);

    /// <summary>The latest claim of a run; 0 if there is none.</summary>
    /// <param name="run">Run id.</param>
    Task<long> Claimed(string run);

    /// <summary>Whether a blob is there.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    Task<bool> HasBlob(string run, string sha256);

    /// <summary>Writes a blob; one that is there already stays as it is.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    /// <param name="bytes">Its bytes; not copied as a whole.</param>
    /// <exception cref="CheckpointException">It could not be written, e.g. for want of space; nothing of it counts.</exception>
    Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes);

    /// <summary>Reads a blob. The caller compares its hash.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    /// <param name="into">Takes the bytes; of the blob's length.</param>
    /// <exception cref="CheckpointException">There is none, or it is of another length.</exception>
    Task ReadBlob(string run, string sha256, Memory<byte> into);

    /// <summary>Lets go of a blob that proved damaged, so that it can be written again.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    Task DropBlob(string run, string sha256);

    /// <summary>Adds a line to the journal.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="line">The line; holds no line break.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    /// <exception cref="CheckpointException">It could not be written; nothing of it counts.</exception>
    Task Append(string run, long claim, string line);

    /// <summary>The lines of the journal in their order; a last line that was cut is left out.</summary>
    /// <param name="run">Run id.</param>
    Task<IReadOnlyList<string>> Journal(string run);

    /// <summary>Writes the manifest of a round; one that is there is replaced.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="round">Rounds done.</param>
    /// <param name="manifest">The manifest.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    /// <exception cref="CheckpointException">It could not be written; nothing of it counts.</exception>
    Task Commit(string run, long claim, int round, ReadOnlyMemory<byte> manifest);

    /// <summary>Rounds that have a manifest, the latest first.</summary>
    /// <param name="run">Run id.</param>
    Task<IReadOnlyList<int>> Commits(string run);

    /// <summary>The manifest of a round.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="round">Rounds done.</param>
    /// <exception cref="CheckpointException">There is none, or it cannot be read.</exception>
    Task<byte[]> ReadCommit(string run, int round);

    /// <summary>Lets go of the manifests of earlier rounds and of blobs that nobody needs.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="firstRound">The earliest round whose manifest is kept.</param>
    /// <param name="blobs">Names of the blobs that are kept.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew; nothing is gone.</exception>
    Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs);

    /// <summary>Lets go of the blobs and manifests of a run; its journal stays.</summary>
    /// <param name="run">Run id.</param>
    Task Forget(string run);
}

/// <summary>A checkpoint could not be written or read.</summary>
/// <param name="message">What, and why, in one sentence.</param>
/// <param name="cause">What happened below.</param>
[GenerateSerializer, Alias("fl.checkpoint-exception")]
public sealed class CheckpointException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The run was claimed by another process: this one was thought dead, and must let go of the run.</summary>
/// <param name="message">Which run, which claims.</param>
[GenerateSerializer, Alias("fl.stale-claim-exception")]
public sealed class StaleClaimException(string message) : Exception(message);
