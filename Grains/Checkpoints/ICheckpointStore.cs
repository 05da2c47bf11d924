namespace Orleans.FL.Grains.Checkpoints;

/// <summary>Where the snapshots and journals of runs live; all silos of a cluster reach the same one.</summary>
/// <remarks>
/// <para>
/// A run's blobs are named by the SHA-256 of their bytes, so that equal vectors of many nodes are kept once. A commit
/// is a manifest that names the blobs of all nodes at the end of a round; it counts only when it is there as a whole.
/// The journal is what the run's record is made of: one line a happening.
/// </para>
/// <para>
/// A writer claims the run first: claims count upwards, and what an older claimant writes is refused, so that a
/// process that was thought dead cannot write over its successor. What was acknowledged before a claim is there after
/// it; what was under way is there as a whole, or refused. Blobs are written without a claim, since a blob nobody names
/// is harmless; but the run must have been claimed, and while <see cref="Prune"/> is under way no other task may rely
/// on a blob that is not among those kept.
/// </para>
/// <para>
/// Every task ends when what was written is durable. A store on a server that does not answer is asked
/// again for a minute before it counts as lost. All members are safe to call at the same time. A run id that
/// is none is an <see cref="Learning.Foundation.ExperimentException"/>, a name of a blob that is none an
/// <see cref="ArgumentException"/>.
/// </para>
/// </remarks>
public interface ICheckpointStore
{
    /// <summary>How sentences name the store, e.g. <c>the folder /data/runs</c>.</summary>
    string Name { get; }

    /// <summary>Claims a run; what its journal holds behind a damaged line is let go of.</summary>
    /// <param name="run">Run id.</param>
    /// <returns>The claim's number, greater than all before it; the first is 1.</returns>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    Task<long> Claim(string run);

    /// <summary>The latest claim of a run; 0 if there is none.</summary>
    /// <param name="run">Run id.</param>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    Task<long> Claimed(string run);

    /// <summary>Whether a blob is there.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    Task<bool> HasBlob(string run, string sha256);

    /// <summary>Writes a blob; one that is there already stays as it is.</summary>
    /// <param name="run">Run id; was claimed.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    /// <param name="bytes">Its bytes; not copied as a whole, and not to be changed before the task ends.</param>
    /// <exception cref="CheckpointException">It could not be written, e.g. for want of space; nothing of it
    /// counts.</exception>
    Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes);

    /// <summary>Reads a blob. The caller compares its hash.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    /// <param name="into">Takes the bytes; of the blob's length. Holds anything if the task fails.</param>
    /// <exception cref="DamagedCheckpointException">There is none, or it is of another length.</exception>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    Task ReadBlob(string run, string sha256, Memory<byte> into);

    /// <summary>
    /// Lets go of a blob that proved damaged, so that it can be written again; nothing if there is none.
    /// </summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">Its name, lower-case hex.</param>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    Task DropBlob(string run, string sha256);

    /// <summary>Adds a line to the journal.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="line">The line; holds no line break; at most <see cref="JournalLine.MaxBytes"/> as UTF-8.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    /// <exception cref="CheckpointException">It could not be written; nothing of it counts.</exception>
    Task Append(string run, long claim, string line);

    /// <summary>
    /// The lines of the journal in their order; a last line that was cut is left out, and so is everything from a line
    /// on that is damaged, doubled, missing or in another's place. That is still said after the claim that let go of
    /// the rest.
    /// </summary>
    /// <param name="run">Run id.</param>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    Task<JournalLines> Journal(string run);

    /// <summary>Writes the manifest of a round; one that is there is replaced.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="round">Rounds done, from 0.</param>
    /// <param name="manifest">The manifest; at most <see cref="CheckpointManifest.MaxBytes"/>.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    /// <exception cref="CheckpointException">It could not be written; nothing of it counts.</exception>
    Task Commit(string run, long claim, int round, ReadOnlyMemory<byte> manifest);

    /// <summary>Rounds that have a manifest, the latest first.</summary>
    /// <param name="run">Run id.</param>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    Task<IReadOnlyList<int>> Commits(string run);

    /// <summary>The manifest of a round.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="round">Rounds done.</param>
    /// <exception cref="DamagedCheckpointException">There is none, or it cannot be one.</exception>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    Task<byte[]> ReadCommit(string run, int round);

    /// <summary>Lets go of the manifests of earlier rounds and of blobs that nobody needs.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="firstRound">The earliest round whose manifest is kept.</param>
    /// <param name="blobs">Names of the blobs that are kept.</param>
    /// <exception cref="StaleClaimException">
    /// The run was claimed anew; of what the later claimant holds nothing is gone.
    /// </exception>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs);

    /// <summary>Lets go of the blobs and manifests of a run; its journal and its claims stay.</summary>
    /// <param name="run">Run id.</param>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    Task Forget(string run);
}

/// <summary>A checkpoint could not be written or read.</summary>
/// <param name="message">What, and why, in one sentence.</param>
/// <param name="cause">What happened below.</param>
[GenerateSerializer, Alias("fl.checkpoint-exception")]
public class CheckpointException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A checkpoint is missing or damaged: there is no use in asking again, but an earlier one may do.</summary>
/// <param name="message">What, and why, in one sentence.</param>
/// <param name="cause">What happened below.</param>
[GenerateSerializer, Alias("fl.damaged-checkpoint-exception")]
public sealed class DamagedCheckpointException(string message, Exception? cause = null)
    : CheckpointException(message, cause);

/// <summary>The run was claimed by another process: this one was thought dead, and must let go of the run.</summary>
/// <param name="message">Which run, which claims.</param>
[GenerateSerializer, Alias("fl.stale-claim-exception")]
public sealed class StaleClaimException(string message) : Exception(message);
