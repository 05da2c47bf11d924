using System.Data;
using Npgsql;
using NpgsqlTypes;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Learning.Records;
using Orleans.FL.Silo.Clustering;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Checkpoints in a PostgreSQL database.</summary>
/// <remarks>
/// <para>
/// A write of a claimant and the look at its claim are one statement that locks the run's row, so that the fence is exact; a
/// statement needs nothing more of its client, so that a client that is stopped meanwhile holds no lock. A blob is written
/// in parts of 1 MiB, its row last, in one transaction; nobody waits for another's unfinished blob.
/// </para>
/// <para>The tables are made by <see cref="Schema"/>. A server that is away for less than a minute only delays.</para>
/// </remarks>
public sealed class PostgresCheckpointStore : ICheckpointStore, IAsyncDisposable
{
    private const int PartBytes = 1 << 20;
    private const int WritersAtOnce = 4;
    private const string IdleInTransaction = "25P03";

    private const string CountOfRun = "SELECT count(*) FROM r";
    private const string ClaimedRun = "r AS (SELECT id FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2 AND claim = $3 FOR SHARE)";

    private readonly NpgsqlDataSource _database;
    private readonly string _cluster;
    private readonly Patience _patience;
    private readonly SemaphoreSlim _writers = new(WritersAtOnce);
    private readonly SemaphoreSlim _appending = new(1);

    /// <summary>A store in a database that has the tables of <see cref="Schema"/>; connects when it is used.</summary>
    /// <param name="connection">A connection string without a error.</param>
    /// <param name="cluster">Name of the cluster: clusters may share a database.</param>
    /// <param name="silo">Name of the silo, which the database then shows.</param>
    /// <param name="time">Measures how long a server was away.</param>
    public PostgresCheckpointStore(string connection, string cluster, string silo, TimeProvider time)
    {
        Name = PostgresConnection.Describe(connection);
        _database = NpgsqlDataSource.Create(PostgresConnection.OfSilo(connection, silo));
        _cluster = cluster;
        _patience = new Patience(time, MayPass, e => Sentence(e, connection));
    }

    /// <summary>The script that makes the tables; it may be run again.</summary>
    public static string Schema => SqlPart.Script("checkpoints");

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async Task<long> Claim(string run)
    {
        var claim = await Value<long>("""
            INSERT INTO fl_checkpoint_run AS r (cluster, run, claim) VALUES ($1, $2, 1)
            ON CONFLICT (cluster, run) DO UPDATE SET claim = r.claim + 1 RETURNING claim
            """, run);
        var (sound, error) = await ReadJournal(run, _ => { });
        await Value<long>($"""
            WITH r AS (UPDATE fl_checkpoint_run SET lines = $4, error = $5 WHERE cluster = $1 AND run = $2 AND claim = $3 RETURNING id),
                gone AS (DELETE FROM fl_checkpoint_line USING r WHERE fl_checkpoint_line.run = r.id AND number > $4)
            {CountOfRun}
            """, run, Long(claim), Long(sound), Text(error));
        return claim;
    }

    /// <inheritdoc/>
    public Task<long> Claimed(string run) =>
        Value<long>("SELECT coalesce(max(claim), 0) FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2", run);

    /// <inheritdoc/>
    public async Task<bool> HasBlob(string run, string sha256) => await Value<long>("""
        SELECT count(*) FROM fl_checkpoint_blob b JOIN fl_checkpoint_run r ON r.id = b.run
        WHERE r.cluster = $1 AND r.run = $2 AND b.sha256 = $3
        """, run, Text(BlobName.Check(sha256))) > 0;

    /// <inheritdoc/>
    public async Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes)
    {
        BlobName.Check(sha256);
        await _writers.WaitAsync();
        try
        {
            if (await HasBlob(run, sha256) || await _patience.Do(() => Upload(run, sha256, bytes)) || await HasBlob(run, sha256)) return;
        }
        finally
        {
            _writers.Release();
        }
        throw new CheckpointException($"Run '{run}' has no checkpoints in {Name}: it was never claimed.");
    }

    /// <inheritdoc/>
    public async Task ReadBlob(string run, string sha256, Memory<byte> into)
    {
        BlobName.Check(sha256);
        var length = await Rows("""
            SELECT octet_length(p.bytes), p.bytes FROM fl_checkpoint_blob b JOIN fl_checkpoint_run r ON r.id = b.run
                LEFT JOIN fl_checkpoint_part p ON p.upload = b.upload
            WHERE r.cluster = $1 AND r.run = $2 AND b.sha256 = $3 ORDER BY p.number
            """, run, async reader =>
        {
            var (length, found) = (0L, false);
            while (await reader.ReadAsync())
            {
                found = true;
                if (await reader.IsDBNullAsync(0)) continue; // a blob of no bytes has no part
                var part = reader.GetInt32(0);
                if (length + part <= into.Length)
                {
                    await using var stream = await reader.GetStreamAsync(1);
                    await stream.ReadExactlyAsync(into.Slice((int)length, part));
                }
                length += part;
            }
            return found ? length : (long?)null;
        }, Text(sha256));
        if (length is null) throw new DamagedCheckpointException($"There is no blob {sha256} of run '{run}' in {Name}.");
        if (length != into.Length)
            throw new DamagedCheckpointException($"The blob {sha256} in {Name} has {length} bytes where {into.Length} were expected.");
    }

    /// <inheritdoc/>
    public Task DropBlob(string run, string sha256) => Value<long>($"""
        WITH r AS (SELECT id FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2),
            b AS (DELETE FROM fl_checkpoint_blob USING r WHERE fl_checkpoint_blob.run = r.id AND sha256 = $3 RETURNING upload),
            p AS (DELETE FROM fl_checkpoint_part USING b WHERE fl_checkpoint_part.upload = b.upload)
        {CountOfRun}
        """, run, Text(BlobName.Check(sha256)));

    /// <inheritdoc/>
    public async Task Append(string run, long claim, string line)
    {
        var (frame, token) = (JournalLine.Frame(line), Guid.NewGuid());
        await _appending.WaitAsync(); // so that the last append is the one that may be tried again
        try
        {
            // If the answer to a first try was lost, the second one finds the token and adds nothing.
            await Fenced(run, claim, """
                WITH mine AS (SELECT id FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2 AND claim = $3 FOR UPDATE),
                    r AS (UPDATE fl_checkpoint_run u SET lines = u.lines + 1, last_append = $4 FROM mine
                        WHERE u.id = mine.id AND u.last_append IS DISTINCT FROM $4 RETURNING u.id, u.lines),
                    added AS (INSERT INTO fl_checkpoint_line (run, number, frame) SELECT id, lines, $5 FROM r)
                SELECT count(*) FROM mine
                """, new() { Value = token }, Bytes(frame));
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <inheritdoc/>
    public async Task<JournalLines> Journal(string run)
    {
        var lines = new List<string>();
        var earlier = await Rows("SELECT error FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2", run, async reader =>
            await reader.ReadAsync() && !await reader.IsDBNullAsync(0) ? reader.GetString(0) : null);
        var (_, error) = await ReadJournal(run, lines.Add, lines.Clear);
        return new JournalLines(lines, error ?? earlier);
    }

    /// <inheritdoc/>
    public Task Commit(string run, long claim, int round, ReadOnlyMemory<byte> manifest)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(round);
        return Fenced(run, claim, $"""
            WITH {ClaimedRun},
                c AS (INSERT INTO fl_checkpoint_commit (run, round, manifest) SELECT id, $4, $5 FROM r
                    ON CONFLICT (run, round) DO UPDATE SET manifest = excluded.manifest)
            {CountOfRun}
            """, new NpgsqlParameter<int> { TypedValue = round }, Bytes(manifest));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<int>> Commits(string run) => await Rows<List<int>>("""
        SELECT c.round FROM fl_checkpoint_commit c JOIN fl_checkpoint_run r ON r.id = c.run
        WHERE r.cluster = $1 AND r.run = $2 ORDER BY c.round DESC
        """, run, async reader =>
    {
        var rounds = new List<int>();
        while (await reader.ReadAsync()) rounds.Add(reader.GetInt32(0));
        return rounds;
    });

    /// <inheritdoc/>
    public async Task<byte[]> ReadCommit(string run, int round) => await Rows("""
        SELECT octet_length(c.manifest), c.manifest FROM fl_checkpoint_commit c JOIN fl_checkpoint_run r ON r.id = c.run
        WHERE r.cluster = $1 AND r.run = $2 AND c.round = $3
        """, run, async reader =>
        {
            if (!await reader.ReadAsync()) return null;
            return reader.GetInt32(0) <= CheckpointManifest.MaxBytes
                ? await reader.GetFieldValueAsync<byte[]>(1)
                : throw new DamagedCheckpointException($"The checkpoint of run '{run}' after round {round} in {Name} is too long to be one.");
        }, new NpgsqlParameter<int> { TypedValue = round })
        ?? throw new DamagedCheckpointException($"There is no checkpoint of run '{run}' after round {round} in {Name}.");

    /// <inheritdoc/>
    public Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs) => Fenced(run, claim, $"""
        WITH {ClaimedRun},
            c AS (DELETE FROM fl_checkpoint_commit USING r WHERE fl_checkpoint_commit.run = r.id AND round < $4),
            b AS (DELETE FROM fl_checkpoint_blob USING r WHERE fl_checkpoint_blob.run = r.id
                AND NOT EXISTS (SELECT FROM unnest($5) AS kept WHERE kept = sha256) RETURNING upload),
            p AS (DELETE FROM fl_checkpoint_part USING b WHERE fl_checkpoint_part.upload = b.upload)
        {CountOfRun}
        """, new NpgsqlParameter<int> { TypedValue = firstRound }, new NpgsqlParameter<string[]> { TypedValue = [.. blobs] });

    /// <inheritdoc/>
    public Task Forget(string run) => Value<long>($"""
        WITH r AS (SELECT id FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2),
            c AS (DELETE FROM fl_checkpoint_commit USING r WHERE fl_checkpoint_commit.run = r.id),
            b AS (DELETE FROM fl_checkpoint_blob USING r WHERE fl_checkpoint_blob.run = r.id RETURNING upload),
            p AS (DELETE FROM fl_checkpoint_part USING b WHERE fl_checkpoint_part.upload = b.upload)
        {CountOfRun}
        """, run);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _writers.Dispose();
        _appending.Dispose();
    }

    // The row comes last, and in a moment: who was stopped in between holds nobody up for longer than the server allows.
    private async Task<bool> Upload(string run, string sha256, ReadOnlyMemory<byte> bytes)
    {
        var upload = Guid.NewGuid();
        await using var connection = await _database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var limits = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL lock_timeout = '5s'", connection))
            await limits.ExecuteNonQueryAsync();
        await using (var parts = await connection.BeginBinaryImportAsync(
            "COPY fl_checkpoint_part (upload, number, bytes) FROM STDIN (FORMAT BINARY)"))
        {
            for (var (at, number) = (0, 0); at < bytes.Length; at += PartBytes, number++)
            {
                await parts.StartRowAsync();
                await parts.WriteAsync(upload, NpgsqlDbType.Uuid);
                await parts.WriteAsync(number, NpgsqlDbType.Integer);
                await parts.WriteAsync(bytes.Slice(at, Math.Min(PartBytes, bytes.Length - at)), NpgsqlDbType.Bytea);
            }
            await parts.CompleteAsync();
        }
        await using var row = new NpgsqlCommand("""
            INSERT INTO fl_checkpoint_blob (run, sha256, upload)
            SELECT id, $3, $4 FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2 ON CONFLICT DO NOTHING
            """, connection) { Parameters = { Text(_cluster), Text(run), Text(sha256), new() { Value = upload } } };
        if (await row.ExecuteNonQueryAsync() == 0) return false; // another wrote it meanwhile, or there is no such run
        await transaction.CommitAsync();
        return true;
    }

    private Task<(long Sound, string? ValidationError)> ReadJournal(string run, Action<string> line, Action? anew = null) => Rows("""
        SELECT l.number, l.frame FROM fl_checkpoint_line l JOIN fl_checkpoint_run r ON r.id = l.run
        WHERE r.cluster = $1 AND r.run = $2 ORDER BY l.number
        """, run, async Task<(long, string?)> (reader) =>
    {
        anew?.Invoke();
        var sound = 0L;
        for (var number = 1L; await reader.ReadAsync(); number++)
        {
            var found = reader.GetInt64(0);
            if (found != number || JournalLine.Parse(await reader.GetFieldValueAsync<byte[]>(1)) is not { } text)
                return (sound, $"The journal of run '{run}' in {Name} is damaged in line {number}: "
                    + $"{(found == number ? "its checksum does not fit" : "it is missing")}. It and the lines after it are left out.");
            line(text);
            sound = number;
        }
        return (sound, null);
    });

    private async Task Fenced(string run, long claim, string sql, params NpgsqlParameter[] further)
    {
        if (await Value<long>(sql, run, [Long(claim), .. further]) > 0) return;
        throw new StaleClaimException(
            $"Run '{run}' was claimed anew: this process has claim {claim}, the latest is {await Claimed(run)}. It lets go of the run.");
    }

    private Task<T> Value<T>(string sql, string run, params NpgsqlParameter[] further) => Rows(sql, run, async reader =>
    {
        await reader.ReadAsync();
        return await reader.GetFieldValueAsync<T>(0);
    }, further);

    private Task<T> Rows<T>(string sql, string run, Func<NpgsqlDataReader, Task<T>> read, params NpgsqlParameter[] further)
    {
        RunId.Check(run);
        return _patience.Do(async () =>
        {
            await using var command = _database.CreateCommand(sql);
            NpgsqlParameter[] all = [Text(_cluster), Text(run), .. further.Select(p => p.Clone())]; // each try has its own
            command.Parameters.AddRange(all);
            await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess);
            return await read(reader);
        });
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value };

    private static NpgsqlParameter Bytes(ReadOnlyMemory<byte> value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    // What a server says while it stops, starts or is too busy; and whatever befell the connection.
    private static bool MayPass(Exception e) => e switch
    {
        PostgresException p => p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or IdleInTransaction,
        NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException => true,
        _ => false,
    };

    private static string? Sentence(Exception e, string connection) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => $"{PostgresConnection.Describe(connection)} has no tables for "
            + "checkpoints; make them once with: flctl cluster init --postgres CONNECTION",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory } full =>
            $"{PostgresConnection.Describe(connection)} has no room ({full.MessageText}); free space there. The checkpoint before this one is as it was.",
        NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException => PostgresConnection.Sentence(e, connection),
        _ => null,
    };
}
