using Microsoft.Extensions.Time.Testing;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Silo.Security;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Clusters;

public sealed class CertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_command_makes_what_silos_and_clients_need_and_keeps_what_is_there()
    {
        var shell = new Shell();
        string[] command = ["cluster", "certificates", "--out", _folder.Path, "--name", "silo-a", "--host", "10.0.0.1"];

        Assert.Equal(ExitCode.Done, await shell.Run(command));
        var first = Files();
        Assert.Equal(["ca.key", "ca.pem", "client.key", "client.pem", "silo-a.key", "silo-a.pem"], first.Keys);
        if (!OperatingSystem.IsWindows())
            foreach (var key in first.Keys.Where(k => k.EndsWith(".key", StringComparison.Ordinal)))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    File.GetUnixFileMode(Path.Combine(_folder.Path, key)));

        Assert.Equal(ExitCode.Done, await shell.Run([.. command, "--name", "silo-b"]));
        var second = Files();
        Assert.All(first, f => Assert.Equal(f.Value, second[f.Key]));
        Assert.NotNull(Load("silo-b", TlsRole.Silo));

        Assert.Equal(ExitCode.Done, await shell.Run([.. command, "--force"]));
        Assert.Equal(first["ca.key"], Files()["ca.key"]);
        Assert.NotEqual(first["silo-a.pem"], Files()["silo-a.pem"]);
    }

    [Fact]
    public void A_silos_certificate_is_a_clients_too_and_not_the_other_way_round()
    {
        var folder = Made(TimeProvider.System);
        folder.Make("silo", silo: true, [], 10, false);
        folder.Make("client", silo: false, [], 10, false);

        Assert.NotNull(Load("silo", TlsRole.Silo));
        Assert.NotNull(Load("silo", TlsRole.Client));
        Assert.NotNull(Load("client", TlsRole.Client));
        Assert.Contains("it is not made for this use",
            Assert.Throws<SecurityException>(() => Load("client", TlsRole.Silo)).Message);
    }

    [Fact]
    public void What_no_peer_would_accept_is_refused_on_loading()
    {
        Made(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-30))).Make("old", silo: true, [], 20, false);
        var folder = new CertificateFolder(_folder.Path, TimeProvider.System);
        folder.Make("silo", silo: true, [], 10, false);
        using var elsewhere = new TemporaryFolder();
        var others = new CertificateFolder(elsewhere.Path, TimeProvider.System);
        others.MakeAuthority();
        var (certificate, key) = folder.Files("silo");

        Assert.Contains("it has expired", Assert.Throws<SecurityException>(() => Load("old", TlsRole.Silo)).Message);
        Assert.Contains("it is not signed by the authority", Refusal(new(certificate, key, others.Authority)));
        Assert.Contains("There is no file", Refusal(new(certificate, key + "x", folder.Authority)));
        Assert.Contains("all three files", Refusal(new(certificate, "", folder.Authority)));
        Assert.Contains("cannot be read", Refusal(new(certificate, folder.Files("old").Key, folder.Authority)));
        Assert.Contains("cannot be read", Refusal(new(key, key, folder.Authority)));
    }

    [Theory]
    [InlineData("--name", "ca")]
    [InlineData("--name", "../x")]
    [InlineData("--name", "client")] // the client's name
    [InlineData("--host", "not a host")]
    [InlineData("--days", "0")]
    public async Task Names_that_would_not_do_are_refused(string flag, string value)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput,
            await shell.Run("cluster", "certificates", "--out", _folder.Path, flag, value));
        Assert.Empty(Files());
    }

    private static string Refusal(TlsFiles files) =>
        Assert.Throws<SecurityException>(() => files.Load(TlsRole.Silo, _ => null)).Message;

    private CertificateFolder Made(TimeProvider time)
    {
        var folder = new CertificateFolder(_folder.Path, time);
        Assert.True(folder.MakeAuthority());
        Assert.False(folder.MakeAuthority());
        return folder;
    }

    private TlsIdentity Load(string name, TlsRole role)
    {
        var folder = new CertificateFolder(_folder.Path, TimeProvider.System);
        var (certificate, key) = folder.Files(name);
        return new TlsFiles(certificate, key, folder.Authority).Load(role, _ => null);
    }

    private SortedDictionary<string, string> Files() =>
        new(Directory.GetFiles(_folder.Path).ToDictionary(f => Path.GetFileName(f), File.ReadAllText),
            StringComparer.Ordinal);
}
