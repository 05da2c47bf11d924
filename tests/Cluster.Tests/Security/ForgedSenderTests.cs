using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.FL.Grains.Interfaces;
using Xunit;
using SiloOptions = Orleans.FL.Silo.Options.SiloOptions;

namespace Orleans.FL.Cluster.Tests.Security;

/// <summary>A client of a real gateway that makes silos' calls, in its own name and in that of others.</summary>
public sealed class ForgedSenderTests : IClassFixture<Workbench>
{
    private static readonly RunStatus Forged = new("forged", "forged", RunState.Finished, 999, 999, 1, 1, "/", default);
    private readonly Workbench _bench;

    public ForgedSenderTests(Workbench bench) => _bench = bench;

    [Theory(Timeout = 120_000)]
    [InlineData(null)]
    [InlineData("fl.registry/registry")]
    [InlineData("sys.client/hosted-S127.0.0.1:11111:7")]
    public async Task Changes_nothing(string? name)
    {
        await using var silo = await SiloProgram.Start(_bench);
        using var client = await Connect(silo.Gateway);
        if (name is not null) Pose(client, GrainId.Parse(name));
        var registry = client.Services.GetRequiredService<IGrainFactory>().GetGrain<IRegistryGrain>(IRegistryGrain.Key);

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => registry.Report(Forged));

        if (name is null) Assert.IsType<UnauthorizedAccessException>(refused);
        else await silo.Program.Line("it sent a message in the name of a silo or a grain");
        var (code, output, _) = await _bench.Run("list", "--silo", silo.Gateway, "--json");
        Assert.Equal(0, code);
        Assert.DoesNotContain(output,
            l => JsonDocument.Parse(l).RootElement.GetProperty("run").GetString() == "forged");
    }

    private static async Task<IHost> Connect(string gateway)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(IPEndPoint.Parse(gateway));
            client.Configure<ClusterOptions>(o => o.ClusterId = o.ServiceId = SiloOptions.DefaultCluster);
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Has Orleans' client put another name under its messages: nothing that it offers itself.</summary>
    private static void Pose(IHost client, GrainId name)
    {
        var type = typeof(ClientMessagingOptions).Assembly.GetType("Orleans.OutsideRuntimeClient", throwOnError: true)!;
        var property = type.GetProperty("CurrentActivationAddress",
            System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic
                | System.Reflection.BindingFlags.Public)!;
        var runtime = client.Services.GetRequiredService(type);
        var own = (GrainAddress)property.GetValue(runtime)!;
        property.SetValue(runtime,
            new GrainAddress { GrainId = name, ActivationId = own.ActivationId, SiloAddress = own.SiloAddress });
    }
}
