using Orleans.FL.Learning.Records;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class RunManifestTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_commit_is_found_from_a_folder_below()
    {
        Git(".git/HEAD", "ref: refs/heads/main\n");
        Git(".git/refs/heads/main", Commit + "\n");
        Directory.CreateDirectory(_root.In("a", "b"));

        Assert.Equal(Commit, GitCommit.Of(_root.In("a", "b")));
    }

    [Fact]
    public void A_detached_head_is_its_own_commit()
    {
        Git(".git/HEAD", Commit);

        Assert.Equal(Commit, GitCommit.Of(_root.Path));
    }

    [Fact]
    public void A_packed_reference_is_found()
    {
        Git(".git/HEAD", "ref: refs/heads/main");
        Git(".git/packed-refs", $"# pack-refs\n{new string('f', 40)} refs/heads/not-main\n{Commit} refs/heads/main\n");

        Assert.Equal(Commit, GitCommit.Of(_root.Path));
    }

    [Fact]
    public void A_linked_work_tree_has_its_own_head_and_shared_branches()
    {
        Git("tree/.git", "gitdir: ../repo/.git/worktrees/tree");
        Git("repo/.git/worktrees/tree/HEAD", "ref: refs/heads/topic");
        Git("repo/.git/worktrees/tree/commondir", "../..");
        Git("repo/.git/refs/heads/topic", Commit);

        Assert.Equal(Commit, GitCommit.Of(_root.In("tree")));
    }

    [Theory]
    [InlineData("ref: refs/heads/none")]
    [InlineData("ref: refs/../../secret")]
    [InlineData("not a hash")]
    [InlineData("")]
    public void What_names_no_commit_is_none(string head)
    {
        Git(".git/HEAD", head);
        Git("secret", Commit);

        Assert.Null(GitCommit.Of(_root.Path));
    }

    [Fact]
    public void A_manifest_made_here_describes_this_machine()
    {
        var time = new TensorBoardFileTests.Clock("2026-01-02T03:04:05Z");
        var manifest = RunManifest.Here("x", "hash", 42, time, new Dictionary<string, string>(), 2, 1);

        Assert.Equal(Environment.MachineName, manifest.Machine.Host);
        Assert.Equal(time.GetUtcNow(), manifest.StartedUtc);
        Assert.StartsWith("0.", manifest.Version, StringComparison.Ordinal);
        Assert.NotEmpty(manifest.Machine.Cpu);
        Assert.NotEmpty(manifest.Machine.InstructionSet);
        Assert.StartsWith("10.", manifest.Machine.DotNet, StringComparison.Ordinal);
    }

    private void Git(string path, string text)
    {
        var full = _root.In(path.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
