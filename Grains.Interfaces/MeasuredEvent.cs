using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>
/// An event with metrics of the run's task: in JSON each is a member of its own, named as the metric is.
/// </summary>
[GenerateSerializer, Immutable, Alias("fl.event.measured")]
public abstract record MeasuredEvent : RunEvent
{
    /// <summary>The metrics.</summary>
    [Id(0), JsonIgnore]
    public MetricValues Metrics { get; init; } = MetricValues.None;

    /// <summary>The metrics as members of the JSON; null elsewhere.</summary>
    [JsonInclude, JsonExtensionData]
    [field: NonSerialized]
    internal Dictionary<string, JsonElement>? Named { get; init; }

    /// <summary>The event as it is written.</summary>
    internal MeasuredEvent Written() => this with
    {
        Metrics = MetricValues.None,
        Named = Metrics.Items.Length == 0
            ? null
            : Metrics.Items.ToDictionary(m => m.Name, m => JsonSerializer.SerializeToElement(m.Value)),
    };

    /// <summary>The event as it was read.</summary>
    internal MeasuredEvent Read() => this with
    {
        Named = null,
        Metrics = Named is null ? MetricValues.None
            : new([.. Named.Where(m => m.Value.ValueKind == JsonValueKind.Number)
                .Select(m => new MetricValue(m.Key, m.Value.GetDouble()))]),
    };
}
