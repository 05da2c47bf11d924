using System.Text;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Learning.Records;
using Orleans.FL.Silo.Databases;
using StackExchange.Redis;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Checkpoints in a Redis server.</summary>
/// <remarks>
/// <para>
/// Redis keeps all of it in memory: two checkpoints of each run, every distinct vector once. It is durable only as far
/// as the server is configured: <c>appendonly yes</c> is a must, and with the usual <c>appendfsync everysec</c> a power
/// cut costs the last second; <c>maxmemory-policy</c> must be <c>noeviction</c>. Large models are better kept in
/// PostgreSQL or a folder.
/// </para>
/// <para>
/// A write of a claimant and the look at its claim are one script, so that the fence is exact. A blob is written in
/// parts of 1 MiB; a last script finds them whole and names it. A server that is away for less than a minute only
/// delays.
/// </para>
/// </remarks>
public sealed class RedisCheckpointStore : ICheckpointStore, IAsyncDisposable
{
    private const int PartBytes = 1 << 20;
    private const int PartsAtOnce = 4;
    private const int LinesAtOnce = 64;
    private const int Starts = 5;
    private const int LongestReconnectPauseMilliseconds = 1000;

    private readonly string _cluster;
    private readonly ServerRetry _retry;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private readonly JournalWriter _journals;

    /// <summary>A store on a server; connects when it is used.</summary>
    /// <param name="configuration">A configuration string without an error.</param>
    /// <param name="cluster">Name of the cluster: clusters may share a server.</param>
    /// <param name="silo">Name of the silo, which the server then shows.</param>
    /// <param name="time">Measures how long a server was away.</param>
    public RedisCheckpointStore(string configuration, string cluster, string silo, TimeProvider time)
    {
        Name = RedisConnection.Describe(configuration);
        _cluster = cluster.Replace('{', '(').Replace('}', ')'); // braces say where keys belong
        var options = RedisConnection.OfSilo(configuration, silo);
        options.BacklogPolicy = BacklogPolicy.FailFast; // a call while the server is away is tried again from here
        options.ReconnectRetryPolicy = new LinearRetry(LongestReconnectPauseMilliseconds);
        _connection = new(() => ConnectionMultiplexer.ConnectAsync(options));
        _retry = new ServerRetry(time, RedisFailures.IsTransient, e => RedisFailures.Sentence(e, configuration));
        _journals = new JournalWriter(Name, async run => (await ReadJournal(run, _ => { })).End);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async Task<long> Claim(string run)
    {
        var claim = await Do(run, (redis, keys) => redis.StringIncrementAsync(keys.Claim));
        var journal = await ReadJournal(run, _ => { });
        await Do(run, (redis, keys) =>
            redis.ScriptEvaluateAsync(
                RedisScripts.Cut, [keys.Claim, keys.Journal, keys.ValidationError],
                [claim, journal.End.Lines, journal.Describe(JournalOf(run)) ?? ""]));
        return claim;
    }

    /// <inheritdoc/>
    public Task<long> Claimed(string run) =>
        Do(run, async (redis, keys) => (long)await redis.StringGetAsync(keys.Claim));

    /// <inheritdoc/>
    public Task<bool> HasBlob(string run, string sha256) =>
        Do(run, (redis, keys) => redis.HashExistsAsync(keys.Blobs, BlobName.Check(sha256)));

    /// <inheritdoc/>
    public async Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes)
    {
        for (var i = 0; i < Starts; i++)
        {
            if (await HasBlob(run, sha256)) return;
            await Do(run, (redis, keys) => redis.HashSetAsync(keys.Pending, sha256, bytes.Length));
            await Parallel.ForEachAsync(
                Parts(bytes.Length), new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce }, async (number, _) =>
            {
                var at = number * PartBytes;
                var part = bytes.Slice(at, Math.Min(PartBytes, bytes.Length - at));
                await Do(run, (redis, keys) => redis.StringSetAsync(keys.Part(sha256, number), part));
            });
            var done = (int)await Do(run, (redis, keys) => redis.ScriptEvaluateAsync(
                RedisScripts.Finish, [keys.Claim, keys.Blobs, keys.Pending],
                [sha256, bytes.Length, PartBytes, keys.Parts]));
            if (done > 0) return;
            if (done < 0) throw new CheckpointException(
                $"Run '{run}' has no checkpoints in {Name}: it was never claimed.");
        }
        throw new CheckpointException(
            $"The blob {sha256} of run '{run}' cannot be written to {Name}: its parts are deleted again and again.");
    }

    /// <inheritdoc/>
    public async Task ReadBlob(string run, string sha256, Memory<byte> into)
    {
        var length = await Do(run, (redis, keys) => redis.HashGetAsync(keys.Blobs, BlobName.Check(sha256)));
        if (length.IsNull) throw new DamagedCheckpointException($"There is no blob {sha256} of run '{run}' in {Name}.");
        var found = (long)length;
        if (found == into.Length)
        {
            found = 0;
            foreach (var number in Parts(into.Length)) found += await ReadPart(
                run, sha256, number, into[(number * PartBytes)..]);
        }
        if (found != into.Length)
            throw new DamagedCheckpointException(
                $"The blob {sha256} in {Name} has {found} bytes where {into.Length} were expected.");
    }

    /// <inheritdoc/>
    public Task DropBlob(string run, string sha256) => Do(run, (redis, keys) => redis.ScriptEvaluateAsync(
        RedisScripts.Drop, [keys.Claim, keys.Blobs], [BlobName.Check(sha256), PartBytes, keys.Parts]));

    /// <inheritdoc/>
    public async Task Append(string run, long claim, string line)
    {
        await _journals.Add(run, claim, line, async (frame, lines) =>
        {
            var token = Guid.NewGuid().ToString();
            return await Fenced(run, claim, RedisScripts.Append, k => [k.Claim, k.Journal, k.Token],
                _ => [token, frame, lines]) > 0;
        });
    }

    /// <inheritdoc/>
    public async Task<JournalLines> Journal(string run)
    {
        var lines = new List<string>();
        var earlier = (string?)await Do(run, (redis, keys) => redis.StringGetAsync(keys.ValidationError));
        var journal = await ReadJournal(run, lines.Add);
        return new JournalLines(lines, journal.Describe(JournalOf(run)) ?? earlier);
    }

    /// <inheritdoc/>
    public Task Commit(string run, long claim, int round, ReadOnlyMemory<byte> manifest)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(round);
        return Fenced(run, claim, RedisScripts.Commit, k => [k.Claim, k.Commits], _ => [round, manifest]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<int>> Commits(string run) =>
        [.. (await Do(run, (redis, keys) => redis.HashKeysAsync(keys.Commits))).Select(r => (int)r).OrderDescending()];

    /// <inheritdoc/>
    public async Task<byte[]> ReadCommit(string run, int round)
    {
        var length = await Do(run, (redis, keys) => redis.HashStringLengthAsync(keys.Commits, round));
        if (length > CheckpointManifest.MaxBytes)
            throw new DamagedCheckpointException(
                $"The checkpoint of run '{run}' after round {round} in {Name} is too long to be one.");
        return (byte[]?)await Do(run, (redis, keys) => redis.HashGetAsync(keys.Commits, round))
            ?? throw new DamagedCheckpointException(
                $"There is no checkpoint of run '{run}' after round {round} in {Name}.");
    }

    /// <inheritdoc/>
    public Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs) =>
        Fenced(run, claim, RedisScripts.Prune, k => [k.Claim, k.Blobs, k.Pending, k.Commits],
            k => [firstRound, PartBytes, k.Parts, .. blobs.Select(b => (RedisValue)b)]);

    /// <inheritdoc/>
    public async Task Forget(string run)
    {
        var claim = await Claimed(run);
        if (claim > 0) await Prune(run, claim, int.MaxValue, new HashSet<string>());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated) await (await _connection.Value).DisposeAsync();
        _journals.Dispose();
    }

    private static IEnumerable<int> Parts(int length) =>
        Enumerable.Range(0, (int)(((long)length + PartBytes - 1) / PartBytes));

    private Task<int> ReadPart(string run, string sha256, int number, Memory<byte> into) =>
        Do(run, async (redis, keys) =>
        {
            using var part = await redis.StringGetLeaseAsync(keys.Part(sha256, number));
            if (part is null || part.Length > PartBytes || part.Length > into.Length) return part?.Length ?? 0;
            part.Span.CopyTo(into.Span);
            return part.Length;
        });

    private string JournalOf(string run) => $"The journal of run '{run}' in {Name}";

    private async Task<JournalReader> ReadJournal(string run, Action<string> take)
    {
        var journal = new JournalReader();
        while (true)
        {
            var read = journal.End.Lines;
            var frames = await Do(
                run, (redis, keys) => redis.ListRangeAsync(keys.Journal, read, read + LinesAtOnce - 1));
            foreach (var frame in frames)
            {
                if (!journal.Take((byte[])frame!, out var line)) return journal; // a list holds no nulls
                take(Encoding.UTF8.GetString(line));
            }
            if (frames.Length == 0) return journal;
        }
    }

    private async Task<int> Fenced(
        string run, long claim, string script, Func<RunKeys, RedisKey[]> keysOf, Func<RunKeys, RedisValue[]> valuesOf)
    {
        var result = (int)await Do(
            run, (redis, keys) => redis.ScriptEvaluateAsync(script, keysOf(keys), [claim, .. valuesOf(keys)]));
        if (result >= 0) return result;
        throw new StaleClaimException(
            $"Run '{run}' was claimed anew: this process has claim {claim}, the latest is {await Claimed(run)}. It "
                + "lets go of the run.");
    }

    private Task<T> Do<T>(string run, Func<IDatabase, RunKeys, Task<T>> work)
    {
        var keys = new RunKeys($"fl:checkpoints:{{{_cluster}/{RunId.Check(run)}}}:");
        return _retry.Do(async () => await work((await _connection.Value).GetDatabase(), keys));
    }

    /// <summary>The keys of a run; the braces keep them on one server of a Redis cluster.</summary>
    private sealed record RunKeys(string Prefix)
    {
        public RedisKey Claim => Prefix + "claim";

        public RedisKey Journal => Prefix + "journal";

        public RedisKey ValidationError => Prefix + "error";

        public RedisKey Token => Prefix + "token";

        public RedisKey Commits => Prefix + "commits";

        public RedisKey Blobs => Prefix + "blobs";

        public RedisKey Pending => Prefix + "pending";

        public string Parts => Prefix + "part:";

        public RedisKey Part(string sha256, int number) => $"{Parts}{sha256}:{number}";
    }
}
