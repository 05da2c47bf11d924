using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.FL.Grains.Hosting;
using Orleans.FL.Silo.Clustering;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;
using Orleans.FL.Testing.Servers;
using Orleans.Storage;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

/// <summary>
/// What silos of every clustering keep: state outlives them all, and of two writers the late one gets an error.
/// </summary>
[Collection(nameof(Servers))]
public sealed class StateTests(Workbench bench, PostgresServer postgres, RedisServer redis)
    : IClassFixture<Workbench>
{
    private static readonly GrainId Grain = GrainId.Create("note", "1");

    [Theory(Timeout = 120_000)]
    [InlineData(ClusteringKind.Localhost)]
    [InlineData(ClusteringKind.Postgres)]
    [InlineData(ClusteringKind.Redis)]
    public async Task State_outlives_the_silo_and_a_late_writer_is_refused(ClusteringKind kind)
    {
        var options = await Options(kind);
        var late = new GrainState<Note>();
        await WithStorage(options, async storage =>
        {
            var state = new GrainState<Note>(new Note { Text = "first" });
            await storage.WriteStateAsync("note", Grain, state);
            await storage.ReadStateAsync("note", Grain, late);
            state.State = new Note { Text = "second" };
            await storage.WriteStateAsync("note", Grain, state);
        });

        await WithStorage(options, async storage =>
        {
            var state = new GrainState<Note>();
            await storage.ReadStateAsync("note", Grain, state);
            Assert.Equal("second", state.State?.Text);
            await Assert.ThrowsAnyAsync<InconsistentStateException>(() => storage.WriteStateAsync("note", Grain, late));
        });
    }

    [Fact(Timeout = 120_000)]
    public async Task Silos_that_start_at_once_make_one_file()
    {
        var file = new SqliteFile(Directory.CreateTempSubdirectory("orleans-fl-").FullName);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => file.Prepare(default))));

        await file.Prepare(default);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.File));
        Directory.Delete(Path.GetDirectoryName(file.File)!, recursive: true); // it lies in a folder
    }

    [Fact(Timeout = 120_000)]
    public async Task A_file_that_is_no_database_is_one_sentence()
    {
        var runs = Directory.CreateDirectory(Path.Combine(bench.Folder, "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(runs, SqliteFile.Name), new string('x', 4096));
        await using var silo = bench.Start("Orleans.FL.Silo.dll",
            ["--runs", runs, "--silo-port", $"{Workbench.FreePort()}", "--gateway-port", "0", "--http-port", "0"]);

        Assert.Equal(2, await silo.End());
        Assert.StartsWith("--runs: ", Assert.Single(silo.Error));
        Assert.Contains("move the file away if it is broken", silo.Error[0]);
    }

    private async Task<SiloOptions> Options(ClusteringKind kind)
    {
        var options = new SiloOptions
        {
            SiloPort = Workbench.FreePort(),
            GatewayPort = 0,
            Runs = Path.Combine(bench.Folder, "state"),
            Clustering = kind,
            Database = kind switch
            {
                ClusteringKind.Postgres => await postgres.Database(),
                ClusteringKind.Redis => redis.Database(),
                _ => "",
            },
        };
        if (kind != ClusteringKind.Localhost) await ClusterInit.Run(kind, options.Database);
        return options;
    }

    /// <summary>Runs a silo of these options as long as something is done with its storage.</summary>
    private static async Task WithStorage(SiloOptions options, Func<IGrainStorage, Task> act)
    {
        using var held = await ClusterParts.Prepare(options, SiloProcess.OwnProcess, default);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => ClusterParts.Add(silo, options, SiloProcess.OwnProcess));
        using var host = builder.Build();
        await host.StartAsync();
        await act(host.Services.GetRequiredKeyedService<IGrainStorage>(FederationHosting.Storage));
        await host.StopAsync();
    }

    /// <summary>What is kept.</summary>
    [GenerateSerializer]
    public sealed class Note
    {
        [Id(0)]
        public string Text { get; set; } = "";
    }
}
