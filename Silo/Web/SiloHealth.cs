using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Silo.Web;

/// <summary>
/// Answers /health: 200 while the silo works, 503 while it starts, stops, or does not reach its registry.
/// </summary>
internal sealed class SiloHealth(
    IHostApplicationLifetime life, IOptions<FederationOptions> federation, IGrainFactory grains)
{
    private static readonly TimeSpan RegistryAnswersWithin = TimeSpan.FromSeconds(3);

    /// <summary>The answer of this moment.</summary>
    /// <param name="cancellation">Ends when the caller hangs up.</param>
    public async Task<IResult> Respond(CancellationToken cancellation)
    {
        if (life.ApplicationStopping.IsCancellationRequested) return Answer("stopping", null, 503);
        if (!life.ApplicationStarted.IsCancellationRequested) return Answer("starting", null, 503);
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
