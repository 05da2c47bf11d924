using Orleans.FL.Grains.Checkpoints;

namespace Orleans.FL.Grains.Tests;

/// <summary>A store of one run in memory, whose writes a test may hold up or refuse.</summary>
internal sealed class MemoryStore : ICheckpointStore
{
    private readonly SortedDictionary<int, byte[]> _commits = [];
    private long _claim;

    /// <summary>The journal.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Ends when lines may be written.</summary>
    public Task Opens { get; set; } = Task.CompletedTask;

    /// <summary>Why manifests are refused; null if they are taken.</summary>
    public string? Refusal { get; set; }

    public string Name => "the memory";

    public Task<long> Claim(string run) => Task.FromResult(++_claim);

    public Task<long> Claimed(string run) => Task.FromResult(_claim);

    public async Task Append(string run, long claim, string line)
    {
        await Opens;
        if (claim != _claim) throw new StaleClaimException("Another process has the run.");
        Lines.Add(line);
    }

    public Task<JournalLines> Journal(string run) => Task.FromResult(new JournalLines(Lines, null));

    public Task Commit(string run, long claim, int round, ReadOnlyMemory<byte> manifest)
    {
        if (Refusal is { } why) throw new CheckpointException(why);
        _commits[round] = manifest.ToArray();
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<int>> Commits(string run) =>
        Task.FromResult<IReadOnlyList<int>>([.. _commits.Keys.Reverse()]);

    public Task<byte[]> ReadCommit(string run, int round) => Task.FromResult(_commits[round]);

    public Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs)
    {
        foreach (var round in _commits.Keys.Where(r => r < firstRound).ToList()) _commits.Remove(round);
        return Task.CompletedTask;
    }

    public Task<bool> HasBlob(string run, string sha256) => throw new NotSupportedException();

    public Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes) => throw new NotSupportedException();

    public Task ReadBlob(string run, string sha256, Memory<byte> into) => throw new NotSupportedException();

    public Task DropBlob(string run, string sha256) => throw new NotSupportedException();

    public Task Forget(string run) => throw new NotSupportedException();
}
