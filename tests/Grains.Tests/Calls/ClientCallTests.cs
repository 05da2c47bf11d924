using System.Reflection;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Calls;

/// <summary>A client of a gateway makes the calls that are for users; those between silos are refused to it.</summary>
public sealed class ClientCallTests(SharedClusters.OneSiloTwoLanes cluster)
    : IClassFixture<SharedClusters.OneSiloTwoLanes>
{
    private static readonly RunStatus Forged = new("forged", "forged", RunState.Finished, 999, 999, 1, 1, "/", default);

    [Fact]
    public void What_clients_may_call_is_this_and_nothing_else() => Assert.Equal(
        [
            "IExperimentGrain.ChangeMembers", "IExperimentGrain.Pause", "IExperimentGrain.Resume",
            "IExperimentGrain.Seats", "IExperimentGrain.Start", "IExperimentGrain.Status", "IExperimentGrain.Stop",
            "IExperimentGrain.Watch", "IRegistryGrain.Find", "IRegistryGrain.List", "IRegistryGrain.Register",
            "IRegistryGrain.Silos", "ISiloGrain.Describe",
        ],
        typeof(IRegistryGrain).Assembly.GetTypes().Where(t => t.IsInterface).SelectMany(t => t.GetMethods())
            .Where(m => m.GetCustomAttribute<ForClientsAttribute>() is not null)
            .Select(m => $"{m.DeclaringType!.Name}.{m.Name}").Order(StringComparer.Ordinal));

    [Fact(Timeout = 60_000)]
    public async Task A_client_can_report_no_run_as_finished()
    {
        var refused = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => cluster.Registry.Report(Forged));

        Assert.Equal("IRegistryGrain.Report is a call between silos; a client of a gateway may not make it.",
            refused.Message);
        Assert.DoesNotContain(await cluster.Registry.List(), r => r.Run == "forged");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_client_disturbs_no_run_that_goes_on()
    {
        var experiment = Toy.Experiment("rounds=20");
        var grain = await cluster.Begin(experiment, "undisturbed");
        await FederationCluster.Until(grain, e => e is RoundEvent);
        var name = (await cluster.Registry.Silos())[0].Name;
        var silo = cluster.Grains.GetGrain<ISiloGrain>(name);
        var node = cluster.Grains.GetGrain<INodeGrain>(INodeGrain.KeyOf("undisturbed", 0, name));

        foreach (var forge in (Func<Task>[])
        [
            () => silo.Enter(new EnterOrder("undisturbed", 1_000_000, "{}", [], [], [], 0)),
            () => silo.Forget("undisturbed", long.MaxValue), () => node.Leave(long.MaxValue), () => grain.Wake(),
            () => grain.SiloLeaves(name), () => grain.Prepare("{}"), () => cluster.Registry.Revive(),
            () => cluster.Registry.SiloLeaves(name), () => cluster.Registry.Seat("undisturbed", ["me"]),
            () => cluster.Registry.Publish("undisturbed", new MemberList(9, 9, [])),
        ])
            await Assert.ThrowsAsync<UnauthorizedAccessException>(forge);

        var events = await FederationCluster.Watch(grain);
        Assert.Equal((await Simulated.Run(experiment)).WeightsSha256,
            Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task Orleans_own_management_is_closed_to_clients_and_open_to_the_dashboard_in_a_silo()
    {
        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => cluster.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero));

        Assert.Single(await cluster.Between.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("../../ghost")]
    [InlineData("ghost\n\u001b[31mred")]
    [InlineData("")]
    public async Task The_registry_takes_no_id_that_is_none_from_silos_either(string run)
    {
        var registry = cluster.Between.GetGrain<IRegistryGrain>(IRegistryGrain.Key);

        await Assert.ThrowsAsync<ExperimentException>(() => registry.Report(Forged with { Run = run }));
        await Assert.ThrowsAsync<ExperimentException>(() => registry.Seat(run, ["node-0000"]));
        await Assert.ThrowsAsync<ExperimentException>(() => registry.Publish(run, new MemberList(1, 1, [])));
        Assert.DoesNotContain(await registry.List(), r => r.Run == run);
    }

    [Theory]
    [InlineData("sys.client/4a1b", true)]
    [InlineData("sys.client/4a1b+observer", true)]
    [InlineData("sys.client/hosted-10.0.0.1:11111@7", false)] // a program in a silo's process
    [InlineData("fl.registry/registry", false)]
    public void A_sender_is_a_client_by_its_id(string sender, bool isClient) =>
        Assert.Equal(isClient, ClientCalls.IsClient(GrainId.Parse(sender)));

    [Fact]
    public void Without_a_sender_it_is_a_client() => Assert.True(ClientCalls.IsClient(null));
}
