using Npgsql;
using NpgsqlTypes;
using Orleans.FL.Grains.Checkpoints;
using static Orleans.FL.Silo.Checkpoints.PostgresStatements;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Blobs of checkpoints in PostgreSQL, in parts of 1 MiB; the row that names a blob is written last.</summary>
/// <param name="statements">The database.</param>
internal sealed class PostgresBlobs(PostgresStatements statements) : IDisposable
{
    private const int PartBytes = 1 << 20;
    private const int WritersAtOnce = 4;
    private const string Limits =
        "SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL lock_timeout = '5s'";

    private readonly SemaphoreSlim _writers = new(WritersAtOnce);

    /// <summary>Whether a run has a blob.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">The blob's name.</param>
    public async Task<bool> Has(string run, string sha256) => await statements.Value<long>("""
        SELECT count(*) FROM fl_checkpoint_blob b JOIN fl_checkpoint_run r ON r.id = b.run
        WHERE r.cluster = $1 AND r.run = $2 AND b.sha256 = $3
        """, run, Text(BlobName.Check(sha256))) > 0;

    /// <summary>Writes a blob, unless the run has it.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">The blob's name.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <exception cref="CheckpointException">The run was never claimed.</exception>
    public async Task Write(string run, string sha256, ReadOnlyMemory<byte> bytes)
    {
        BlobName.Check(sha256);
        await _writers.WaitAsync();
        try
        {
            if (await Has(run, sha256) || await statements.Do(() => Upload(run, sha256, bytes))
                || await Has(run, sha256)) return;
        }
        finally
        {
            _writers.Release();
        }
        throw new CheckpointException($"Run '{run}' has no checkpoints in {statements.Name}: it was never claimed.");
    }

    /// <summary>Reads a blob.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">The blob's name.</param>
    /// <param name="into">Gets the bytes; as long as the blob.</param>
    /// <exception cref="DamagedCheckpointException">It is not there, or of another length.</exception>
    public async Task Read(string run, string sha256, Memory<byte> into)
    {
        BlobName.Check(sha256);
        var length = await statements.Rows("""
            SELECT octet_length(p.bytes), p.bytes FROM fl_checkpoint_blob b JOIN fl_checkpoint_run r ON r.id = b.run
                LEFT JOIN fl_checkpoint_part p ON p.upload = b.upload
            WHERE r.cluster = $1 AND r.run = $2 AND b.sha256 = $3 ORDER BY p.number
            """, run, reader => Read(reader, into), Text(sha256));
        if (length is null) throw new DamagedCheckpointException(
            $"There is no blob {sha256} of run '{run}' in {statements.Name}.");
        if (length != into.Length)
            throw new DamagedCheckpointException(
                $"The blob {sha256} in {statements.Name} has {length} bytes where {into.Length} were expected.");
    }

    /// <summary>Deletes a blob.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="sha256">The blob's name.</param>
    public Task Drop(string run, string sha256) => statements.Value<long>("""
        WITH r AS (SELECT id FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2),
            b AS (DELETE FROM fl_checkpoint_blob USING r
                WHERE fl_checkpoint_blob.run = r.id AND sha256 = $3 RETURNING upload),
            p AS (DELETE FROM fl_checkpoint_part USING b WHERE fl_checkpoint_part.upload = b.upload)
        SELECT count(*) FROM r
        """, run, Text(BlobName.Check(sha256)));

    /// <inheritdoc/>
    public void Dispose() => _writers.Dispose();

    /// <summary>Reads parts.</summary>
    /// <returns>The bytes that there are, read or not; null if there is no blob.</returns>
    private static async Task<long?> Read(NpgsqlDataReader reader, Memory<byte> into)
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
        return found ? length : null;
    }

    // The row comes last, and in a moment: who was stopped in between holds nobody up for longer than the server
    // allows.
    private async Task<bool> Upload(string run, string sha256, ReadOnlyMemory<byte> bytes)
    {
        var upload = Guid.NewGuid();
        await using var connection = await statements.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var limits = new NpgsqlCommand(Limits, connection)) await limits.ExecuteNonQueryAsync();
        await WriteParts(connection, upload, bytes);
        await using var row = new NpgsqlCommand("""
            INSERT INTO fl_checkpoint_blob (run, sha256, upload)
            SELECT id, $3, $4 FROM fl_checkpoint_run WHERE cluster = $1 AND run = $2 ON CONFLICT DO NOTHING
            """, connection);
        row.Parameters.AddRange(statements.Parameters(run, Text(sha256), new() { Value = upload }));
        if (await row.ExecuteNonQueryAsync() == 0) return false; // another wrote it meanwhile, or there is no such run
        await transaction.CommitAsync();
        return true;
    }

    private static async Task WriteParts(NpgsqlConnection connection, Guid upload, ReadOnlyMemory<byte> bytes)
    {
        await using var parts = await connection.BeginBinaryImportAsync(
            "COPY fl_checkpoint_part (upload, number, bytes) FROM STDIN (FORMAT BINARY)");
        for (var (at, number) = (0, 0); at < bytes.Length; at += PartBytes, number++)
        {
            await parts.StartRowAsync();
            await parts.WriteAsync(upload, NpgsqlDbType.Uuid);
            await parts.WriteAsync(number, NpgsqlDbType.Integer);
            await parts.WriteAsync(bytes.Slice(at, Math.Min(PartBytes, bytes.Length - at)), NpgsqlDbType.Bytea);
        }
        await parts.CompleteAsync();
    }
}
