using Orleans.FL.Grains.Checkpoints;

namespace Orleans.FL.Grains.Recording;

/// <summary>
/// The run's epoch, a number that the checkpoint store gives to one process only, and what may be written in its name.
/// </summary>
/// <param name="run">Run id.</param>
/// <param name="store">The store.</param>
internal sealed class RunClaim(string run, ICheckpointStore store)
{
    /// <summary>Run id.</summary>
    public string Run => run;

    /// <summary>The epoch; 0 before any.</summary>
    public long Epoch { get; private set; }

    /// <summary>What the store is, as in "waits for …".</summary>
    public string StoreName => store.Name;

    /// <summary>Claims the run: what another process writes under an earlier claim is refused from then on.</summary>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    public async Task Take() => Epoch = await store.Claim(run);

    /// <summary>Begins another epoch, unless another process did.</summary>
    /// <exception cref="StaleClaimException">It did.</exception>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    public async Task Renew()
    {
        await Require();
        await Take();
    }

    /// <summary>Looks whether the run is still this process's.</summary>
    /// <exception cref="StaleClaimException">Another process claimed it.</exception>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    public async Task Require()
    {
        if (await store.Claimed(run) is var latest && latest != Epoch)
            throw new StaleClaimException($"Run {run} was claimed anew: its epoch is {latest}, not {Epoch}.");
    }

    /// <summary>What the journal of the run holds.</summary>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    public async Task<RunJournal> ReadJournal() => RunJournal.Read(await store.Journal(run));

    /// <summary>Adds a line to the journal; durable when the task ends.</summary>
    /// <param name="line">The line.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    /// <exception cref="CheckpointException">It could not be written.</exception>
    public Task Append(string line) => store.Append(run, Epoch, line);

    /// <summary>Lets go of the checkpoints; journal and claims stay.</summary>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    public Task ForgetCheckpoints() => store.Forget(run);
}
