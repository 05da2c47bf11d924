using System.Collections.Concurrent;
using Orleans.FL.Grains.Checkpoints;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>
/// Adds lines to journals on a server: one after the other, each chained to the last that is there.
/// </summary>
/// <param name="name">Server and database in words.</param>
/// <param name="end">Says where the journal of a run ends, as far as it can be trusted.</param>
internal sealed class JournalWriter(string name, Func<string, Task<JournalEnd>> end) : IDisposable
{
    // so that the last line is the one that may be tried again
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<string, (long Claim, JournalEnd End)> _ends = [];

    /// <summary>Adds a line.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="claim">The writer's claim.</param>
    /// <param name="line">The line.</param>
    /// <param name="add">Adds what is kept of it behind so many lines; false if there are not so many.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    /// <exception cref="CheckpointException">It could not be written.</exception>
    public async Task Add(string run, long claim, string line, Func<byte[], long, Task<bool>> add)
    {
        await _writing.WaitAsync();
        try
        {
            var known = _ends.TryRemove(run, out var last) && last.Claim == claim;
            var before = known ? last.End : await end(run);
            var (frame, after) = JournalLine.Frame(line, before);
            if (!await add(frame, before.Lines))
            {
                // A line that could not be acknowledged may have been written all the same.
                before = await end(run);
                (frame, after) = JournalLine.Frame(line, before);
                if (!await add(frame, before.Lines))
                    throw new CheckpointException($"The journal of run '{run}' in {name} is damaged behind line "
                        + $"{before.Lines}; 'flctl resume {run}' goes on from there.");
            }
            _ends[run] = (claim, after);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();
}
