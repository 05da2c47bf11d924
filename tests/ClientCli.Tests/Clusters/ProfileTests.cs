using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Silo.Security;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Clusters;

public sealed class ProfileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ClusterProfiles _profiles;

    public ProfileTests() => _profiles = new(Path.Combine(_folder.Path, "deeper", "clusters.json"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_added_is_read_back_and_only_the_owner_may_read_it()
    {
        var lab = Cluster("lab", "10.0.0.1:30000", "10.0.0.2:30000") with
        {
            Tls = new("/c.pem", "/c.key", "/ca.pem"),
            ClusterId = "x"
        };
        _profiles.Add(lab, isDefault: false, replace: false);

        var read = _profiles.Get("lab", "--cluster");
        Assert.Equal((lab.Profile, lab.ClusterId, lab.Tls), (read.Profile, read.ClusterId, read.Tls));
        Assert.Equal(lab.Gateways, read.Gateways);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_profiles.File));
    }

    [Fact]
    public void The_first_cluster_is_the_default_until_another_one_is()
    {
        Assert.Null(_profiles.Default);
        _profiles.Add(Cluster("a", "a:1"), false, false);
        _profiles.Add(Cluster("b", "b:1"), false, false);
        Assert.Equal("a", _profiles.Default?.Profile);

        _profiles.Add(Cluster("b", "b:2"), isDefault: true, replace: true);
        Assert.Equal("b", _profiles.Default?.Profile);
        _profiles.Add(Cluster("b", "b:3"), isDefault: false, replace: true); // stays it

        Assert.Equal(["b:3"], _profiles.Default?.Gateways);
        _profiles.Remove("b");
        Assert.Null(_profiles.Default);
        Assert.Equal(["a"], _profiles.All.Select(p => p.Target.Profile));
    }

    [Fact]
    public void Names_that_are_taken_or_unknown_are_refused_with_the_way_to_go_on()
    {
        _profiles.Add(Cluster("lab", "a:1"), false, false);

        Assert.Contains("--force",
            Assert.Throws<ProfileException>(() => _profiles.Add(Cluster("lab", "b:1"), false, false)).Message);
        Assert.Contains("it has lab.",
            Assert.Throws<ProfileException>(() => _profiles.Get("lib", "--cluster")).Message);
        Assert.Contains("it has lab.", Assert.Throws<ProfileException>(() => _profiles.Remove("lib")).Message);
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("""{ "lab": { "gateways": [] } }""")]
    [InlineData("""{ "lab": { "gateways": ["nowhere"] } }""")]
    [InlineData("""{ "lab": { "gateways": ["a:1"], "tsl": {} } }""")]
    public void A_file_that_is_wrong_is_one_sentence_with_its_path(string text)
    {
        var path = _folder.Write("clusters.json", text);

        Assert.StartsWith($"{path} cannot be used: ",
            Assert.Throws<ProfileException>(() => new ClusterProfiles(path).Get("lab", "--cluster")).Message);
    }

    [Fact]
    public void Paths_are_relative_to_the_file()
    {
        var path = _folder.Write("clusters.json",
            """{ "lab": { "gateways": ["a:1"], """
                + """ "tls": { "certificate": "c.pem", "key": "k/c.key", "authority": "/ca.pem" } } }""");

        Assert.Equal(new TlsFiles(Path.Combine(_folder.Path, "c.pem"), Path.Combine(_folder.Path, "k", "c.key"),
            "/ca.pem"), new ClusterProfiles(path).Get("lab", "--cluster").Tls);
    }

    [Theory]
    [InlineData(null, null, null, null, "default")]
    [InlineData(null, null, null, "lab", "lab")]
    [InlineData(null, null, "env:1", "lab", "env:1")]
    [InlineData(null, "lab", "env:1", null, "lab")]
    [InlineData("flag:1", null, "env:1", "lab", "flag:1")]
    public void A_flag_wins_over_the_environment_and_that_over_the_default(
        string? silo, string? cluster, string? siloVariable, string? profileVariable, string chosen)
    {
        _profiles.Add(Cluster("default", "d:1"), false, false);
        _profiles.Add(Cluster("lab", "l:1"), false, false);

        var target = ClusterTarget.Choose(silo, cluster, _profiles, name => name switch
        {
            ClusterTarget.SiloVariable => siloVariable,
            ClusterTarget.ProfileVariable => profileVariable,
            _ => null,
        });

        Assert.Equal(chosen, target.Profile ?? target.Gateways[0]);
    }

    [Fact]
    public void Without_anything_it_is_this_machine() =>
        Assert.Equal("127.0.0.1:30000", ClusterTarget.Choose(null, null, _profiles, _ => null).Place);

    [Theory]
    [InlineData(null, "orleans-fl")]
    [InlineData("", "orleans-fl")]
    [InlineData("ours", "ours")]
    public void A_silo_without_a_profile_is_of_the_cluster_that_the_variable_of_silos_names(string? variable, string id)
    {
        var target = ClusterTarget.Choose("a:1", null,
            _profiles, name => name == "ORLEANS_FL_CLUSTER" ? variable : null);

        Assert.Equal((null, id), (target.Profile, target.ClusterId));
    }

    [Fact]
    public async Task The_two_flags_do_not_go_together()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run("stop", "x", "--silo", "a:1", "--cluster", "lab"));
        Assert.Contains("give one of them", Assert.Single(shell.ErrorLines));
    }

    private static ClusterTarget Cluster(string name, params string[] gateways) =>
        new(name, gateways, "orleans-fl", null);
}
