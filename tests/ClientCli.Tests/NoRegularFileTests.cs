using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Silo.Options;
using Orleans.FL.Silo.Security;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>Pipes wait for a writer: settings, keys and certificates are read from regular files.</summary>
public sealed class NoRegularFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 20_000)]
    public Task A_silos_settings_keys_and_certificates() => Task.Run(() =>
    {
        if (!OperatingSystem.IsLinux()) return;
        var pipe = NoRegularFiles.Pipe(Path.Combine(_folder.Path, "pipe"));
        var refused = $"The file '{pipe}' is empty, or no regular file.";

        Assert.Equal([$"{pipe}: {refused}"],
            SiloOptionsReader.Read(["--config", pipe], _ => null, _folder.Path).Errors);
        Assert.Equal(refused, Assert.Throws<SecurityException>(
            () => new SiloOptions { HttpKeyFile = pipe }.ReadHttpKey()).Message);
        Assert.Equal(refused, Assert.Throws<SecurityException>(
            () => new TlsFiles(pipe, pipe, pipe).Load(TlsRole.Silo, _ => null)).Message);
    });

    [Fact(Timeout = 20_000)]
    public Task Flctls_clusters_baselines_and_records() => Task.Run(() =>
    {
        if (!OperatingSystem.IsLinux()) return;
        var pipe = NoRegularFiles.Pipe(Path.Combine(_folder.Path, "events.jsonl"));

        Assert.Contains("no regular file",
            Assert.Throws<ProfileException>(() => new ClusterProfiles(pipe).All.ToList()).Message);
        Assert.Contains("no regular file", Assert.Throws<MeasurementException>(() => Baseline.Load(pipe)).Message);
        Assert.Empty(RecordedEvents.Of(_folder.Path));
    });

    [Fact]
    public void Removing_a_cluster_that_is_not_there_does_not_advise_to_add_it()
    {
        var path = _folder.Write("clusters.json", """{ "lab": { "gateways": ["10.0.0.1:30000"] } }""");

        Assert.Equal($"cluster remove: there is no cluster 'lap' in {path}; it has lab.",
            Assert.Throws<ProfileException>(() => new ClusterProfiles(path).Remove("lap")).Message);
    }
}
