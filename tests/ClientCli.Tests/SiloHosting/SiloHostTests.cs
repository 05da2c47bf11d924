using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Hosting;
using Orleans.FL.Silo.Options;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.SiloHosting;

public sealed class SiloHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task A_port_in_use_is_one_sentence_with_the_remedy()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            SiloHost.Start(Embedded() with { HttpPort = taken }, SiloProcess.Embedded));

        var sentence = Assert.Single(refused.Failures);
        Assert.StartsWith($"--http-port: port {taken} is in use;", sentence);
        Assert.EndsWith("choose another port with --http-port.", sentence);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_primary_that_is_not_there_is_one_sentence_with_the_remedy()
    {
        var options = Embedded();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            SiloHost.Start(options with { Primary = $"127.0.0.1:{SiloOptions.Embedded("x", 0).SiloPort}" },
                SiloProcess.Embedded));

        Assert.Contains("start that one first", Assert.Single(refused.Failures));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_start_that_is_given_up_is_a_cancellation_whenever_that_is()
    {
        for (var patience = 10; patience < 1000; patience *= 2)
        {
            using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(patience));
            try
            {
                await using var silo = await SiloHost.Start(Embedded(), SiloProcess.Embedded, interrupt.Token);
            }
            catch (OperationCanceledException)
            {
                // not one of the ways in which a start fails
            }
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task An_address_of_another_machine_is_one_sentence_with_the_remedy()
    {
        // 192.0.2.1 is for documentation: no machine has it.
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => SiloHost.Start(Embedded() with
        {
            Bind = "192.0.2.1",
            Clustering = ClusteringKind.Redis,
            Database = "127.0.0.1:1",
            Insecure = true,
            HttpKeyFile = _folder.Write("key", "0123456789abcdef")
        }, SiloProcess.Embedded));

        Assert.StartsWith("--bind: 192.0.2.1 is no address of this machine", Assert.Single(refused.Failures));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_silo_serves_health_and_dashboard_on_loopback_and_stops_at_once()
    {
        var silo = await SiloHost.Start(Embedded(), SiloProcess.Embedded);
        await using var started = silo;
        Assert.True(silo.Web.IsLoopback);
        using var http = new HttpClient { BaseAddress = silo.Web };

        var health = JsonDocument.Parse(await http.GetStringAsync("/health")).RootElement;
        Assert.Equal(("ok", "local", 3, 0), (
            health.GetProperty("status").GetString(), health.GetProperty("silo").GetString(),
            health.GetProperty("lanes").GetInt32(), health.GetProperty("runsInProgress").GetInt32()));
        Assert.Contains("<html", await http.GetStringAsync("/"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/dashboard/DashboardCounters")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/dashboard/Trace")).StatusCode);

        var stopping = silo.Stop();
        Assert.Same(stopping, await Task.WhenAny(stopping, Task.Delay(TimeSpan.FromSeconds(10))));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/health"));
    }

    private SiloOptions Embedded() => SiloOptions.Embedded(_folder.Path, 3);
}
