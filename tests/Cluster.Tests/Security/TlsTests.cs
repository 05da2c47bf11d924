using System.Net;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Security;

public sealed class TlsTests : IClassFixture<Workbench>
{
    private readonly Workbench _bench;

    public TlsTests(Workbench bench) => _bench = bench;

    [Fact(Timeout = 180_000)]
    public async Task Two_silos_and_flctl_with_certificates_give_the_weights_of_those_without()
    {
        await Certificates("ours", "silo-a", "silo-b");
        await using var first = await SiloProgram.Start(_bench, null, Flags("ours", "silo-a"));
        await using var second = await SiloProgram.Start(_bench, first, Flags("ours", "silo-b"));
        await AddCluster("lab", "ours", "client", "--gateway", first.Gateway, "--gateway", second.Gateway);

        var (code, output, error) = await _bench.Run("start", "toy.json", "--cluster", "lab", "--json");

        Assert.True(code == 0, string.Join('\n', error));
        Assert.Contains(output, l => l.Contains("\"silos\":2", StringComparison.Ordinal));
        var simulated = await _bench.Simulated();
        Assert.Contains(simulated.GetProperty("weightsSha256").GetString()!, output[^1]);

        // Connections that did not close held it up until it was ended by force, after 40 s.
        second.Program.Terminate();
        Assert.Equal(0, await second.Program.End(TimeSpan.FromSeconds(25)));
    }

    [Fact(Timeout = 180_000)]
    public async Task The_death_of_a_gateway_leaves_the_others_of_a_profile()
    {
        await Certificates("ours", "silo-a", "silo-b");
        await using var first = await SiloProgram.Start(_bench, null, Flags("ours", "silo-a"));
        await using var second = await SiloProgram.Start(_bench, first, Flags("ours", "silo-b"));
        await AddCluster("half", "ours", "client", "--gateway", second.Gateway, "--gateway", first.Gateway);

        second.Program.Kill();
        await second.Program.End();

        var (code, _, complaints) = await _bench.Run("list", "--cluster", "half");
        Assert.True(code == 0, string.Join('\n', complaints));
        Assert.NotEqual(0, (await _bench.Run("stop", "none", "--silo", second.Gateway)).Code);
        var (_, _, error) = await _bench.Run("stop", "none", "--cluster", "half");
        // Before it, flctl may have said that a silo is slow: the dead one is asked first at times.
        Assert.Contains("There is no run 'none' on the cluster half", error[^1]);
    }

    [Fact(Timeout = 180_000)]
    public async Task A_peer_without_a_certificate_of_the_authority_is_refused_in_a_line()
    {
        await Certificates("ours", "silo-a");
        await Certificates("theirs", "silo-x");
        await using var silo = await SiloProgram.Start(_bench, null, Flags("ours", "silo-a"));

        // No TLS.
        var (code, _, error) = await _bench.Run("stop", "none", "--silo", silo.Gateway);
        Assert.Equal(1, code);
        Assert.Contains("does this cluster need TLS?", Assert.Single(error));
        await silo.Program.Line("at the gateway because it does not speak TLS");

        // The silo is not of the authority that flctl trusts.
        await AddCluster("theirs", "theirs", "client", "--gateway", silo.Gateway);
        (code, _, error) = await _bench.Run("stop", "none", "--cluster", "theirs");
        Assert.Equal(1, code);
        Assert.Contains("'CN=silo-a': it is not signed by the authority", Assert.Single(error));

        // flctl is not of the authority that the silo trusts.
        Assert.Equal("it is not signed by the authority given here",
            await RefusedFor(silo.Gateway, "theirs", "client", silo));

        // A silo of another authority does not join.
        await using var other = _bench.Start("Orleans.FL.Silo.dll",
            ["--silo-port", $"{Workbench.FreePort()}", "--gateway-port", "0", "--http-port", "0", "--primary",
                $"127.0.0.1:{silo.Port}", .. Flags("theirs", "silo-x")]);
        await other.Line("'CN=silo-a': it is not signed by the authority given here");
    }

    [Fact(Timeout = 180_000)]
    public async Task Expired_missing_and_misused_certificates_are_refused()
    {
        var folder = new CertificateFolder(In("aged"), new Before(TimeSpan.FromDays(30)));
        Assert.True(folder.MakeAuthority());
        await Certificates("aged", "silo-a");
        await using var silo = await SiloProgram.Start(_bench, null, Flags("aged", "silo-a"));
        Assert.True(folder.Make("old", silo: true, [], days: 3, replace: false));

        Assert.Equal("it has expired or is not valid yet", await RefusedFor(silo.Gateway, "aged", "old", silo));
        Assert.Equal("it shows no certificate", await RefusedFor(silo.Gateway, "aged", null, silo));
        // A client's certificate opens the gateway and not the silo port.
        Assert.Equal("it is not made for this use", await RefusedFor($"127.0.0.1:{silo.Port}", "aged", "client", silo));

        // One that is in order comes in, with the same silo, after all of that.
        await AddCluster("fine", "aged", "client", "--gateway", silo.Gateway);
        Assert.Contains("There is no run 'none'",
            Assert.Single((await _bench.Run("stop", "none", "--cluster", "fine")).Error));

        await using var expired = _bench.Start("Orleans.FL.Silo.dll",
            ["--silo-port", $"{Workbench.FreePort()}", .. Flags("aged", "old")]);
        Assert.Equal(2, await expired.End());
        Assert.Contains("it has expired", Assert.Single(expired.Error));
    }

    [Fact(Timeout = 180_000)]
    public async Task Bytes_that_begin_like_a_handshake_are_refused_in_few_lines()
    {
        await Certificates("ours", "silo-a");
        await using var silo = await SiloProgram.Start(_bench, null, Flags("ours", "silo-a"));
        // Inside of TLS, with a certificate that is in order: a greeting of 2 GiB.
        var files = new CertificateFolder(In("ours"), TimeProvider.System).Files("client");
        var from = await TlsPeer.Knock(silo.Gateway, files, 255, 255, 255, 127);
        await silo.Program.Line($"with {from} at the gateway because it does not greet as silos and flctl do.");

        var before = silo.Program.Output.Length + silo.Program.Error.Length;
        var noise = new Seeds(4).Stream("hostile");
        foreach (var port in (int[])[silo.Port, IPEndPoint.Parse(silo.Gateway).Port])
            for (var i = 0; i < 60; i++) // a record of a handshake, by its first bytes
                await HostileBytesTests.Send(port, [22, 3, 1, .. HostileBytesTests.Bytes(noise, 1 + (i * 40))]);

        // 120 refusals: the log shows ten in ten seconds, and then how many more there were.
        Assert.InRange(silo.Program.Output.Length + silo.Program.Error.Length - before, 1, 60);
        Assert.DoesNotContain(silo.Program.Output.Concat(silo.Program.Error),
            l => l.TrimStart().StartsWith("at ", StringComparison.Ordinal));
        await AddCluster("fine", "ours", "client", "--gateway", silo.Gateway);
        Assert.Contains("There is no run 'none'",
            Assert.Single((await _bench.Run("stop", "none", "--cluster", "fine")).Error));
    }

    private async Task<string> RefusedFor(string endpoint, string authority, string? name, SiloProgram silo)
    {
        var from = await TlsPeer.Knock(endpoint,
            name is null ? null : new CertificateFolder(In(authority), TimeProvider.System).Files(name));
        var line = await silo.Program.Line($"with {from} at the");
        return line[(line.LastIndexOf(name is null ? "because " : ": ", StringComparison.Ordinal)
            + (name is null ? 8 : 2))..].TrimEnd('.');
    }

    private string In(string folder) => Path.Combine(_bench.Folder, folder);

    private static string[] Flags(string folder, string name) =>
        ["--tls-certificate", $"{folder}/{name}.pem", "--tls-key", $"{folder}/{name}.key", "--tls-authority",
            $"{folder}/ca.pem"];

    private async Task Certificates(string folder, params string[] names)
    {
        var (code, _, error) = await _bench.Run(
            ["cluster", "certificates", "--out", folder, .. names.SelectMany(n => new[] { "--name", n })]);
        Assert.True(code == 0, string.Join('\n', error));
    }

    private async Task AddCluster(string name, string folder, string client, params string[] gateways)
    {
        var (code, _, error) = await _bench.Run(["cluster", "add", name, "--certificate", $"{folder}/{client}.pem",
            "--key", $"{folder}/{client}.key", "--authority", $"{folder}/ca.pem", "--force", .. gateways]);
        Assert.True(code == 0, string.Join('\n', error));
    }

    /// <summary>A clock that is behind.</summary>
    private sealed class Before(TimeSpan behind) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - behind;
    }
}
