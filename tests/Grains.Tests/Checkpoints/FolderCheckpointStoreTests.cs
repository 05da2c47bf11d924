using System.Text;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

public sealed class FolderCheckpointStoreTests : CheckpointStoreContract, IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("orleans-fl-").FullName;

    private string Folder => Path.Combine(_runs, Run, "checkpoints");

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact(Timeout = 30_000)]
    public async Task A_zombie_writes_into_a_journal_that_nobody_reads()
    {
        var claim = await Open().Claim(Run);
        await Open().Append(Run, claim, "before");
        using var held = new FileStream(Find("journal.jsonl"), FileMode.Open, FileAccess.Write,
            FileShare.ReadWrite | FileShare.Delete);

        await Open().Claim(Run);
        held.Seek(0, SeekOrigin.End);
        held.Write([.. JournalLine.Frame("after", JournalLine.Frame("before", default).End).Frame, (byte)'\n']);
        held.Flush();

        Assert.Equal(["before"], await Open().Journal(Run));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_line_that_was_cut_is_left_out_and_written_over()
    {
        var claim = await Open().Claim(Run);
        await Open().Append(Run, claim, "one");
        await File.AppendAllTextAsync(Find("journal.jsonl"), "0badc0de a line that is longer than what comes next");

        var cut = await Open().Journal(Run);
        await Open().Append(Run, claim, "two");

        Assert.Equal(["one"], cut);
        Assert.Null(cut.ValidationError);
        Assert.Equal(["one", "two"], await Open().Journal(Run));
        Assert.Equal(2, (await File.ReadAllLinesAsync(Find("journal.jsonl"))).Length);
    }

    [Fact(Timeout = 30_000)]
    public async Task What_a_killed_writer_left_does_not_count_and_is_swept()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        var name = await Write(store, Bytes(100));
        await store.Commit(Run, claim, 1, Bytes(5));
        var half = Name(Bytes(200));
        string[] left = [Find(name) + ".x.tmp", Path.Combine(Path.GetDirectoryName(Find(name))!, half + ".y.tmp"),
            Find("commit-000001") + ".z.tmp"];
        foreach (var file in left) await File.WriteAllBytesAsync(file, Bytes(50));

        Assert.False(await store.HasBlob(Run, half));
        Assert.Equal([1], await store.Commits(Run));
        await store.Claim(Run);
        Assert.Empty(Directory.EnumerateFiles(Folder, "*.tmp", SearchOption.AllDirectories));
        Assert.True(await store.HasBlob(Run, name));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_claimant_that_died_while_it_took_over_is_no_obstacle()
    {
        var claim = await Open().Claim(Run);
        await Open().Append(Run, claim, "line");
        var name = await Write(Open(), Bytes(9));
        await File.WriteAllTextAsync(Path.Combine(Folder, "claims", "000002"), ""); // and nothing else

        await Assert.ThrowsAsync<StaleClaimException>(() => Open().Append(Run, claim, "no"));
        Assert.Equal(["line"], await Open().Journal(Run));
        Assert.Equal(3, await Open().Claim(Run));
        await Open().Append(Run, 3, "on");

        Assert.Equal(["line", "on"], await Open().Journal(Run));
        Assert.True(await Open().HasBlob(Run, name));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("9223372036854775807")]
    [InlineData("000777")]
    public async Task A_claim_that_nobody_can_have_made_is_named(string name)
    {
        await Open().Claim(Run);
        await File.WriteAllTextAsync(Path.Combine(Folder, "claims", name), "");

        foreach (var ask in new Func<Task>[] { () => Open().Claim(Run), () => Open().Journal(Run),
            () => Open().Append(Run, 1, "line") })
        {
            var e = await Assert.ThrowsAsync<CheckpointException>(ask);
            Assert.Equal($"{Path.Combine(Folder, "claims", name)} is no claim that a silo made: there are 2 files, and "
                + "claims count from 1; delete it.", e.Message);
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task A_run_that_nobody_claimed_takes_no_blob()
    {
        var e = await Assert.ThrowsAsync<CheckpointException>(() => Write(Open(), Bytes(9)));

        Assert.Contains("was never claimed", e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_folder_that_cannot_be_made_is_a_sentence()
    {
        await File.WriteAllTextAsync(Path.Combine(_runs, Run), "a file in the way");

        var e = await Assert.ThrowsAsync<CheckpointException>(() => Open().Claim(Run));

        Assert.StartsWith($"{Folder} cannot be claimed: ", e.Message, StringComparison.Ordinal);
    }

    [SmallDiskFact(Timeout = 30_000)]
    public async Task On_a_full_disk_the_checkpoint_before_stays_and_nothing_is_half_written()
    {
        using var disk = new SmallDisk();
        var store = new FolderCheckpointStore(disk.Path);
        var claim = await store.Claim(Run);
        var checkpoints = new RunCheckpoints(store);
        var snapshots = new NodeSnapshots(store);
        await checkpoints.Commit(Run, claim, new(Run, "x", 1, await snapshots.Write(Run, [(0, State(1))])));
        await store.Append(Run, claim, "line");
        var before = disk.Files();

        var large = LearnerState.Of(Vector(2, 1 << 19)); // 2 MiB
        var e = await Assert.ThrowsAsync<CheckpointException>(() => snapshots.Write(Run, [(0, large)]));
        await Assert.ThrowsAsync<CheckpointException>(() => store.Append(Run, claim, new string('x', 2 << 20)));
        await Assert.ThrowsAsync<CheckpointException>(() => store.Commit(Run, claim, 2, new byte[2 << 20]));

        Assert.Contains("Free space there", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, disk.Files());
        Assert.Equal(["line"], await store.Journal(Run));
        var found = await new RunCheckpoints(new FolderCheckpointStore(disk.Path)).Latest(Run, "x");
        AssertSame(State(1), await new NodeSnapshots(store).Read(Run, found.Manifest!.Nodes[0], 20, 20));
        await store.Append(Run, claim, "on");
        Assert.Equal(["line", "on"], await store.Journal(Run));
    }

    protected override ICheckpointStore Open() => new FolderCheckpointStore(_runs);

    protected override async Task FlipBlob(string sha256) => await Flip(Find(sha256), 5);

    protected override Task TearBlob(string sha256)
    {
        using var file = new FileStream(Find(sha256), FileMode.Open);
        file.SetLength(file.Length - 3);
        return Task.CompletedTask;
    }

    protected override async Task ChangeCommit(int round, Func<byte[], byte[]> change)
    {
        var file = Find($"commit-{round:D6}");
        await File.WriteAllBytesAsync(file, change(await File.ReadAllBytesAsync(file)));
    }

    protected override async Task ChangeLines(Func<List<byte[]>, IReadOnlyList<byte[]>> change)
    {
        var text = await File.ReadAllTextAsync(Find("journal.jsonl"));
        var lines = change([.. text.Split('\n')[..^1].Select(Encoding.UTF8.GetBytes)]);
        await File.WriteAllBytesAsync(Find("journal.jsonl"), [.. lines.SelectMany(l => (byte[])[.. l, (byte)'\n'])]);
    }

    private static async Task Flip(string file, int at)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
    }

    private string Find(string name) => Directory.EnumerateFiles(Folder, name, SearchOption.AllDirectories).Single();
}
