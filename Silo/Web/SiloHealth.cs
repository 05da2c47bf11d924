using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Silo.Web;

/// <summary>
/// Answers /health: 200 while the silo works, 503 while it starts, stops, or does not reach its database or registry.
/// </summary>
internal sealed class SiloHealth(IHostApplicationLifetime life, IOptions<FederationOptions> federation,
    IGrainFactory grains, IMembershipTable table, TimeProvider time)
{
    private static readonly TimeSpan RegistryAnswersWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TableAnswersWithin = TimeSpan.FromSeconds(3);

    // Anybody may ask, as often as he likes, and the database is asked no more often than this.
    private static readonly TimeSpan TableIsAskedEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private (long At, Task<bool> Reached)? _table; // guarded by the gate

    /// <summary>The answer of this moment.</summary>
    /// <param name="cancellation">Ends when the caller hangs up.</param>
    public async Task<IResult> Respond(CancellationToken cancellation)
    {
        if (life.ApplicationStopping.IsCancellationRequested) return Answer("stopping", null, 503);
        if (!life.ApplicationStarted.IsCancellationRequested) return Answer("starting", null, 503);
        if (!await Table().WaitAsync(cancellation)) return Answer("database not reached", null, 503);
        try
        {
            var registry = grains.GetGrain<IRegistryGrain>(IRegistryGrain.Key);
            var runs = await registry.List().WaitAsync(RegistryAnswersWithin, cancellation);
            return Answer(
                "ok", runs.Count(r => r.State is RunState.Seating or RunState.Running or RunState.Paused), 200);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return Answer("registry not reached", null, 503);
        }
    }

    /// <summary>Whether the list of silos can be read: where there is a database, it is in there.</summary>
    private Task<bool> Table()
    {
        lock (_gate)
        {
            if (_table is not { } last
                || (last.Reached.IsCompleted && time.GetElapsedTime(last.At) > TableIsAskedEvery))
                _table = last = (time.GetTimestamp(), Ask());
            return last.Reached;
        }
    }

    private async Task<bool> Ask()
    {
        try
        {
            using var limit = new CancellationTokenSource(TableAnswersWithin, time);
            await Task.Run(() => table.ReadAllAsync(limit.Token)).WaitAsync(limit.Token);
            return true;
        }
        catch (Exception)
        {
            return false; // whatever the client of the database throws; the log has it from those who need it
        }
    }

    private IResult Answer(string status, int? runs, int code) => Results.Json(
        new Report(status, federation.Value.SiloName, federation.Value.EffectiveLanes, runs), ReportJson.Default.Report,
        statusCode: code);

    /// <summary>The body of the answer.</summary>
    internal sealed record Report(string Status, string Silo, int Lanes, int? RunsInProgress);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SiloHealth.Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
