using Orleans.FL.Silo.Options;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.SiloHosting;

public sealed class SecurityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("127.0.0.1", "")]
    [InlineData("127.1.2.3", "")]
    [InlineData("::1", "")]
    [InlineData("0.0.0.0", "--tls-certificate --http-key-file")]
    [InlineData("::", "--tls-certificate --http-key-file")]
    [InlineData("10.0.0.1", "--tls-certificate --http-key-file")]
    [InlineData("nowhere", "--bind")]
    public void Where_others_reach_a_silo_it_needs_tls_and_a_key(string bind, string flags) =>
        Assert.Equal(flags.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Flags(bind is "127.0.0.1" or "127.1.2.3" or "::1" or "nowhere" ? ["--bind", bind] : On(bind)));

    [Fact]
    public void Running_without_tls_must_be_explicit_and_still_needs_a_key()
    {
        Assert.Equal(["--http-key-file"], Flags([.. On("0.0.0.0"), "--insecure", "true"]));
        Assert.Equal(["--tls-certificate", "--http-key-file"], Flags([.. On("0.0.0.0"), "--insecure", "false"]));
        Assert.Empty(Flags([.. On("0.0.0.0"), "--insecure", "true"], "0123456789abcdef"));
        Assert.Equal(["--tls-certificate"], Flags(On("0.0.0.0"), "0123456789abcdef"));
    }

    [Fact]
    public void A_key_is_a_file_or_the_environment_and_not_short()
    {
        var good = _folder.Write("good", "0123456789abcdef\n");
        var brief = _folder.Write("brief", "0123456789\n");

        Assert.Equal(["--tls-certificate"], Flags([.. On("0.0.0.0"), "--http-key-file", good]));
        Assert.Equal(["--http-key-file"], Flags(["--http-key-file", brief]));
        Assert.Equal(["--http-key-file"], Flags(["--http-key-file", brief + "er"]));
        Assert.Equal(["--http-key-file"], Flags([], "short"));
    }

    [Fact]
    public void Half_of_tls_is_an_error() => Assert.Equal(["--tls-certificate"], Flags(["--tls-authority", "ca.pem"]));

    [Fact]
    public void Insecure_is_true_or_false()
    {
        _folder.Write("appsettings.json", """{ "insecure": true }""");

        Assert.True(Read([]).Options.Insecure);
        Assert.Contains("neither true nor false", Assert.Single(Read(["--insecure", "yes"]).Errors));
    }

    // A silo that others reach has a database to find them in.
    private static string[] On(string bind) =>
        ["--bind", bind, "--advertise", "10.0.0.1", "--clustering", "redis", "--database", "db:6379"];

    private string[] Flags(string[] args, string? key = null) =>
        [.. (new SiloOptionsValidator().Validate(null, Read(args, key).Options).Failures ?? [])
            .Select(f => f[..f.IndexOf(':')])];

    private SiloOptionsReading Read(string[] args, string? key = null) =>
        SiloOptionsReader.Read(args, name => name == "ORLEANS_FL_HTTP_KEY" ? key : null, _folder.Path);
}
