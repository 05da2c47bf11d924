using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Silo.Checkpoints;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Testing.Servers;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Checkpoints;

[Collection(nameof(Servers))]
public sealed class PostgresCheckpointStoreTests(PostgresCheckpointStoreTests.Tables tables)
    : ServerCheckpointStoreContract, IClassFixture<PostgresCheckpointStoreTests.Tables>
{
    [Fact(Timeout = 60_000)]
    public async Task The_script_may_be_run_again() =>
        await PostgresServer.Execute(tables.Connection, SqlPart.Script("checkpoints"));

    [Fact(Timeout = 60_000)]
    public async Task A_database_without_tables_is_a_sentence()
    {
        var store = new PostgresCheckpointStore(await tables.Server.Database(), "c", "s", TimeProvider.System);

        var e = await Assert.ThrowsAsync<CheckpointException>(() => store.Claim(Run));

        Assert.EndsWith("has no tables for checkpoints; make them once with: flctl cluster init --postgres CONNECTION",
            e.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task Clusters_share_a_database()
    {
        var other = new PostgresCheckpointStore(tables.Connection, "another", "s", TimeProvider.System);
        await Open().Claim(Run);

        Assert.Equal(0, await other.Claimed(Run));
        Assert.Equal(1, await other.Claim(Run));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_writer_that_is_killed_or_stopped_in_a_blob_leaves_nothing_and_holds_nobody_up()
    {
        await Open().Claim(Run);
        var bytes = Bytes(100);
        await using var stopped = new Npgsql.NpgsqlConnection(tables.Connection);
        await stopped.OpenAsync();
        await using (await stopped.BeginTransactionAsync())
        {
            await using (var part = new Npgsql.NpgsqlCommand(
                "INSERT INTO fl_checkpoint_part VALUES (gen_random_uuid(), 0, 'half')", stopped))
                await part.ExecuteNonQueryAsync();

            Assert.False(await Open().HasBlob(Run, Name(bytes)));
            await Write(Open(), bytes);
            await Open().Claim(Run);
        }

        Assert.Equal(0L, await PostgresServer.Execute(tables.Connection,
            "SELECT count(*) FROM fl_checkpoint_part WHERE bytes = 'half'"));
        await Open().ReadBlob(Run, Name(bytes), new byte[100]);
    }

    [Fact(Timeout = 60_000)]
    public async Task Pruning_leaves_no_parts()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        var before = await PostgresServer.Execute(tables.Connection, "SELECT count(*) FROM fl_checkpoint_part");
        await Write(store, Bytes(3 << 20));
        await Write(store, Bytes((3 << 20) + 1));

        await store.Prune(Run, claim, 1, new HashSet<string> { Name(Bytes(3 << 20)) });

        Assert.Equal((long)before! + 3,
            await PostgresServer.Execute(tables.Connection, "SELECT count(*) FROM fl_checkpoint_part"));
    }

    protected override ICheckpointStore Open(TimeProvider time) =>
        new PostgresCheckpointStore(tables.Connection, "c", "s", time);

    protected override Task Stop() => tables.Server.Stop();

    protected override Task Start() => tables.Server.Start();

    protected override Task FlipBlob(string sha256) => Change($"""
        UPDATE fl_checkpoint_part p SET bytes = set_bit(bytes, 41, 1 - get_bit(bytes, 41)) FROM fl_checkpoint_blob b
        WHERE b.upload = p.upload AND b.run = {RunRow} AND sha256 = '{sha256}' AND number = 0
        """);

    protected override Task TearBlob(string sha256) => Change($"""
        UPDATE fl_checkpoint_part p SET bytes = substring(bytes for 77) FROM fl_checkpoint_blob b
        WHERE b.upload = p.upload AND b.run = {RunRow} AND sha256 = '{sha256}' AND number = 0
        """);

    protected override async Task ChangeCommit(int round, Func<byte[], byte[]> change)
    {
        var row = $"WHERE run = {RunRow} AND round = {round}";
        var manifest = (byte[])(await PostgresServer.Execute(tables.Connection,
            $"SELECT manifest FROM fl_checkpoint_commit {row}"))!;
        await Change($"UPDATE fl_checkpoint_commit SET manifest = '\\x{Convert.ToHexString(change(manifest))}' {row}");
    }

    protected override async Task ChangeLines(Func<List<byte[]>, IReadOnlyList<byte[]>> change)
    {
        var kept = (string)(await Change($"""
            SELECT string_agg(encode(frame, 'hex'), ' ' ORDER BY number) FROM fl_checkpoint_line WHERE run = {RunRow}
            """))!;
        var lines = change([.. kept.Split(' ').Select(Convert.FromHexString)]);
        await Change($"DELETE FROM fl_checkpoint_line WHERE run = {RunRow}");
        for (var i = 0; i < lines.Count; i++)
            await Change($"""
                INSERT INTO fl_checkpoint_line VALUES ({RunRow}, {i + 1}, '\x{Convert.ToHexString(lines[i])}')
                """);
    }

    private string RunRow => $"(SELECT id FROM fl_checkpoint_run WHERE cluster = 'c' AND run = '{Run}')";

    private Task<object?> Change(string sql) => PostgresServer.Execute(tables.Connection, sql);

    /// <summary>A database with the tables.</summary>
    public sealed class Tables(PostgresServer server) : IAsyncLifetime
    {
        public PostgresServer Server { get; } = server;

        public string Connection { get; private set; } = "";

        public async Task InitializeAsync()
        {
            Connection = await Server.Database();
            await PostgresServer.Execute(Connection, SqlPart.Script("checkpoints"));
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
