using System.Data;
using Npgsql;
using NpgsqlTypes;
using Orleans.FL.Learning.Records;
using Orleans.FL.Silo.Databases;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Runs statements about one run of one cluster, again while the server is away.</summary>
/// <remarks>The parameters $1 and $2 of each statement are the cluster and the run.</remarks>
internal sealed class PostgresStatements : IAsyncDisposable
{
    private readonly string _cluster;
    private readonly ServerRetry _retry;

    /// <summary>Statements in a database; connects when the first one runs.</summary>
    /// <param name="connection">A connection string without an error.</param>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="silo">Name of the silo, which the database then shows.</param>
    /// <param name="time">Measures how long a server was away.</param>
    public PostgresStatements(string connection, string cluster, string silo, TimeProvider time)
    {
        Name = PostgresConnection.Describe(connection);
        Database = NpgsqlDataSource.Create(PostgresConnection.OfSilo(connection, silo));
        _cluster = cluster;
        _retry = new ServerRetry(time, PostgresFailures.IsTransient, e => PostgresFailures.Sentence(e, connection));
    }

    /// <summary>Server and database in words.</summary>
    public string Name { get; }

    /// <summary>The connections.</summary>
    public NpgsqlDataSource Database { get; }

    /// <summary>The first value of the first row.</summary>
    /// <param name="sql">A statement that gives a row.</param>
    /// <param name="run">Run id.</param>
    /// <param name="further">$3 and so on.</param>
    public Task<T> Value<T>(string sql, string run, params NpgsqlParameter[] further) => Rows(sql, run, async reader =>
    {
        await reader.ReadAsync();
        return await reader.GetFieldValueAsync<T>(0);
    }, further);

    /// <summary>What a reader makes of the rows.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="run">Run id.</param>
    /// <param name="read">Reads the columns of each row in their order; called anew with each try.</param>
    /// <param name="further">$3 and so on.</param>
    public Task<T> Rows<T>(
        string sql, string run, Func<NpgsqlDataReader, Task<T>> read, params NpgsqlParameter[] further)
    {
        RunId.Check(run);
        return _retry.Do(async () =>
        {
            await using var command = Database.CreateCommand(sql);
            command.Parameters.AddRange(Parameters(run, [.. further.Select(p => p.Clone())])); // each try has its own
            await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess);
            return await read(reader);
        });
    }

    /// <summary>Does work of several statements that may be done twice.</summary>
    /// <param name="work">The work.</param>
    public Task<T> Do<T>(Func<Task<T>> work) => _retry.Do(work);

    /// <summary>The parameters of a statement.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="further">$3 and so on.</param>
    public NpgsqlParameter[] Parameters(string run, params NpgsqlParameter[] further) =>
        [Text(_cluster), Text(run), .. further];

    /// <summary>A parameter with text; null becomes SQL's NULL.</summary>
    public static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A parameter with a whole number of 64 bits.</summary>
    public static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value };

    /// <summary>A parameter with bytes.</summary>
    public static NpgsqlParameter Bytes(ReadOnlyMemory<byte> value) =>
        new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
