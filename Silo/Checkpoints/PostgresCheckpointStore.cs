using System.Text;
using Npgsql;
using Orleans.FL.Grains.Checkpoints;
using static Orleans.FL.Silo.Checkpoints.PostgresStatements;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Checkpoints in a PostgreSQL database.</summary>
/// <remarks>
/// <para>
/// A write of a claimant and the look at its claim are one statement that locks the run's row, so that the fence is
/// exact; a statement needs nothing more of its client, so that a client that is stopped meanwhile holds no lock. A
/// blob is written in parts of 1 MiB, its row last, in one transaction; nobody waits for another's unfinished blob.
/// </para>
/// <para>The tables are made by <c>checkpoints.sql</c>. A server that is away for less than a minute only
/// delays.</para>
/// </remarks>
public sealed class PostgresCheckpointStore : ICheckpointStore, IAsyncDisposable
{
    private const string CountOfRun = "SELECT count(*) FROM r";
    private const string ClaimedRun =
        "r AS (SELECT id FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2 AND claim = $3 FOR SHARE)";

    private readonly PostgresStatements _statements;
    private readonly PostgresBlobs _blobs;
    private readonly JournalWriter _journals;

    /// <summary>
    /// A store in a database that has the tables of <c>checkpoints.sql</c>; connects when it is used.
    /// </summary>
    /// <param name="connection">A connection string without an error.</param>
    /// <param name="cluster">Name of the cluster: clusters may share a database.</param>
    /// <param name="silo">Name of the silo, which the database then shows.</param>
    /// <param name="time">Measures how long a server was away.</param>
    public PostgresCheckpointStore(string connection, string cluster, string silo, TimeProvider time)
    {
        _statements = new PostgresStatements(connection, cluster, silo, time);
        _blobs = new PostgresBlobs(_statements);
        _journals = new JournalWriter(Name, async run => (await ReadJournal(run, _ => { })).End);
    }

    /// <inheritdoc/>
    public string Name => _statements.Name;

    /// <inheritdoc/>
    public async Task<long> Claim(string run)
    {
        var claim = await _statements.Value<long>("""
            INSERT INTO fl_checkpoint_run AS r (cluster, run, claim) VALUES ($1, $2, 1)
            ON CONFLICT (cluster, run) DO UPDATE SET claim = r.claim + 1 RETURNING claim
            """, run);
        var journal = await ReadJournal(run, _ => { });
        await _statements.Value<long>($"""
            WITH r AS (UPDATE fl_checkpoint_run SET lines = $4, error = $5
                    WHERE cluster = $1 AND run = $2 AND claim = $3 RETURNING id),
                gone AS (DELETE FROM fl_checkpoint_line USING r WHERE fl_checkpoint_line.run = r.id AND number > $4)
            {CountOfRun}
            """, run, Long(claim), Long(journal.End.Lines), Text(journal.Describe(JournalOf(run))));
        return claim;
    }

    /// <inheritdoc/>
    public Task<long> Claimed(string run) =>
        _statements.Value<long>(
            "SELECT coalesce(max(claim), 0) FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2", run);

    /// <inheritdoc/>
    public Task<bool> HasBlob(string run, string sha256) => _blobs.Has(run, sha256);

    /// <inheritdoc/>
    public Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes) => _blobs.Write(run, sha256, bytes);

    /// <inheritdoc/>
    public Task ReadBlob(string run, string sha256, Memory<byte> into) => _blobs.Read(run, sha256, into);

    /// <inheritdoc/>
    public Task DropBlob(string run, string sha256) => _blobs.Drop(run, sha256);

    /// <inheritdoc/>
    public async Task Append(string run, long claim, string line)
    {
        // If the answer to a first try was lost, the second one finds the token and adds nothing.
        await _journals.Add(run, claim, line, async (frame, lines) => await Fenced(run, claim, """
            WITH mine AS (SELECT id, last_append FROM fl_checkpoint_run
                    WHERE cluster = $1 AND run = $2 AND claim = $3 FOR UPDATE),
                r AS (UPDATE fl_checkpoint_run u SET lines = u.lines + 1, last_append = $4 FROM mine
                    WHERE u.id = mine.id AND u.last_append IS DISTINCT FROM $4 AND u.lines = $6
                    RETURNING u.id, u.lines),
                added AS (INSERT INTO fl_checkpoint_line (run, number, frame) SELECT id, lines, $5 FROM r)
            SELECT count(*) + (SELECT count(*) FROM r) + count(*) FILTER (WHERE last_append = $4) FROM mine
            """, new() { Value = Guid.NewGuid() }, Bytes(frame), Long(lines)) > 1);
    }

    /// <inheritdoc/>
    public async Task<JournalLines> Journal(string run)
    {
        var lines = new List<string>();
        var earlier = await _statements.Rows(
            "SELECT error FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2", run, async reader =>
            await reader.ReadAsync() && !await reader.IsDBNullAsync(0) ? reader.GetString(0) : null);
        var journal = await ReadJournal(run, lines.Add, lines.Clear);
        return new JournalLines(lines, journal.Describe(JournalOf(run)) ?? earlier);
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
    public async Task<IReadOnlyList<int>> Commits(string run) => await _statements.Rows<List<int>>("""
        SELECT c.round FROM fl_checkpoint_commit c JOIN fl_checkpoint_run r ON r.id = c.run
        WHERE r.cluster = $1 AND r.run = $2 ORDER BY c.round DESC
        """, run, async reader =>
    {
        var rounds = new List<int>();
        while (await reader.ReadAsync()) rounds.Add(reader.GetInt32(0));
        return rounds;
    });

    /// <inheritdoc/>
    public async Task<byte[]> ReadCommit(string run, int round) => await _statements.Rows("""
        SELECT octet_length(c.manifest), c.manifest FROM fl_checkpoint_commit c JOIN fl_checkpoint_run r ON r.id = c.run
        WHERE r.cluster = $1 AND r.run = $2 AND c.round = $3
        """, run, async reader =>
        {
            if (!await reader.ReadAsync()) return null;
            return reader.GetInt32(0) <= CheckpointManifest.MaxBytes
                ? await reader.GetFieldValueAsync<byte[]>(1)
                : throw new DamagedCheckpointException(
                    $"The checkpoint of run '{run}' after round {round} in {Name} is too long to be one.");
        }, new NpgsqlParameter<int> { TypedValue = round })
        ?? throw new DamagedCheckpointException(
            $"There is no checkpoint of run '{run}' after round {round} in {Name}.");

    /// <inheritdoc/>
    public Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs) => Fenced(run, claim, $"""
        WITH {ClaimedRun},
            c AS (DELETE FROM fl_checkpoint_commit USING r WHERE fl_checkpoint_commit.run = r.id AND round < $4),
            b AS (DELETE FROM fl_checkpoint_blob USING r WHERE fl_checkpoint_blob.run = r.id
                AND NOT EXISTS (SELECT FROM unnest($5) AS kept WHERE kept = sha256) RETURNING upload),
            p AS (DELETE FROM fl_checkpoint_part USING b WHERE fl_checkpoint_part.upload = b.upload)
        {CountOfRun}
        """,
        new NpgsqlParameter<int> { TypedValue = firstRound },
        new NpgsqlParameter<string[]> { TypedValue = [.. blobs] });

    /// <inheritdoc/>
    public Task Forget(string run) => _statements.Value<long>($"""
        WITH r AS (SELECT id FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2),
            c AS (DELETE FROM fl_checkpoint_commit USING r WHERE fl_checkpoint_commit.run = r.id),
            b AS (DELETE FROM fl_checkpoint_blob USING r WHERE fl_checkpoint_blob.run = r.id RETURNING upload),
            p AS (DELETE FROM fl_checkpoint_part USING b WHERE fl_checkpoint_part.upload = b.upload)
        {CountOfRun}
        """, run);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _statements.DisposeAsync();
        _blobs.Dispose();
        _journals.Dispose();
    }

    private string JournalOf(string run) => $"The journal of run '{run}' in {Name}";

    private Task<JournalReader> ReadJournal(string run, Action<string> take, Action? anew = null) =>
        _statements.Rows("""
        SELECT l.number, l.frame FROM fl_checkpoint_line l JOIN fl_checkpoint_run r ON r.id = l.run
        WHERE r.cluster = $1 AND r.run = $2 ORDER BY l.number
        """, run, async reader =>
        {
            anew?.Invoke();
            var journal = new JournalReader();
            while (journal.Fault is null && await reader.ReadAsync())
            {
                if (reader.GetInt64(0) != journal.End.Lines + 1) journal.Refuse("it is missing");
                else if (Line(await reader.GetFieldValueAsync<byte[]>(1)) is { } line) take(line);

                string? Line(byte[] frame) => journal.Take(frame, out var text) ? Encoding.UTF8.GetString(text) : null;
            }
            return journal;
        });

    private async Task<long> Fenced(string run, long claim, string sql, params NpgsqlParameter[] further)
    {
        var result = await _statements.Value<long>(sql, run, [Long(claim), .. further]);
        if (result > 0) return result;
        throw new StaleClaimException(
            $"Run '{run}' was claimed anew: this process has claim {claim}, the latest is {await Claimed(run)}. It "
                + "lets go of the run.");
    }
}
