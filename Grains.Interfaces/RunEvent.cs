using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>Something that happened to a run. A closed family: use pattern matching.</summary>
/// <remarks>
/// Cases: <see cref="RegisteredEvent"/>, <see cref="StartedEvent"/>, <see cref="SeatedEvent"/>,
/// <see cref="ProgressEvent"/>, <see cref="PulseEvent"/>, <see cref="RoundEvent"/>,
/// <see cref="PausedEvent"/>, <see cref="ResumedEvent"/>,
/// <see cref="SuspendedEvent"/>, <see cref="ReseatedEvent"/>, <see cref="MembersEvent"/>, and one of
/// <see cref="FinishedEvent"/>, <see cref="StoppedEvent"/>, <see cref="FailedEvent"/> at the end.
/// </remarks>
[GenerateSerializer, Immutable, Alias("fl.event")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RegisteredEvent), "registered")]
[JsonDerivedType(typeof(StartedEvent), "started")]
[JsonDerivedType(typeof(SeatedEvent), "seated")]
[JsonDerivedType(typeof(ProgressEvent), "progress")]
[JsonDerivedType(typeof(PulseEvent), "pulse")]
[JsonDerivedType(typeof(RoundEvent), "round")]
[JsonDerivedType(typeof(PausedEvent), "paused")]
[JsonDerivedType(typeof(ResumedEvent), "resumed")]
[JsonDerivedType(typeof(SuspendedEvent), "suspended")]
[JsonDerivedType(typeof(ReseatedEvent), "reseated")]
[JsonDerivedType(typeof(MembersEvent), "members")]
[JsonDerivedType(typeof(FinishedEvent), "finished")]
[JsonDerivedType(typeof(StoppedEvent), "stopped")]
[JsonDerivedType(typeof(FailedEvent), "failed")]
public abstract record RunEvent
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowOutOfOrderMetadataProperties = true,
    };

    /// <summary>
    /// Position in the run's record, from 0; one that is not <see cref="Recorded"/> repeats the next one's.
    /// </summary>
    [Id(0)]
    public long Sequence { get; init; }

    /// <summary>When it happened.</summary>
    [Id(1)]
    public DateTimeOffset Time { get; init; }

    /// <summary>Whether the run ends with this event.</summary>
    [JsonIgnore]
    public bool Final => this is FinishedEvent or StoppedEvent or FailedEvent;

    /// <summary>Whether the event is part of the run's record; the others only show watchers how it stands.</summary>
    [JsonIgnore]
    public bool Recorded => this is not (ProgressEvent or PulseEvent);

    /// <summary>
    /// The event as one line of JSON, as <c>flctl --json</c> prints and <c>events.jsonl</c> holds it.
    /// </summary>
    public string ToJson() =>
        JsonSerializer.Serialize(this is MeasuredEvent measured ? measured.Written() : this, Json);

    /// <summary>Reads a line written by <see cref="ToJson"/>.</summary>
    /// <param name="line">One line of JSON.</param>
    /// <exception cref="JsonException">The line is not an event.</exception>
    public static RunEvent FromJson(string line) =>
        JsonSerializer.Deserialize<RunEvent>(line, Json) switch
        {
            MeasuredEvent measured => measured.Read(),
            { } happened => happened,
            null => throw new JsonException("The line holds no event."),
        };
}

/// <summary>The run is known.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Folder">Full path of its folder.</param>
/// <param name="Name">Name of the experiment.</param>
/// <param name="Hash">SHA-256 of the canonical experiment, lower-case hex.</param>
/// <param name="Nodes">Nodes asked for.</param>
/// <param name="Rounds">Rounds asked for.</param>
/// <param name="Algorithm">Name of the algorithm.</param>
/// <param name="Topology">Name of the topology.</param>
/// <param name="Dataset">Name of the dataset.</param>
/// <param name="Model">Name of the model.</param>
[GenerateSerializer, Immutable, Alias("fl.event.registered")]
public sealed record RegisteredEvent([property: Id(0)] string Run, [property: Id(1)] string Folder,
    [property: Id(2)] string Name, [property: Id(3)] string Hash, [property: Id(4)] int Nodes,
    [property: Id(5)] int Rounds, [property: Id(6)] string Algorithm, [property: Id(7)] string Topology,
    [property: Id(8)] string Dataset, [property: Id(9)] string Model) : RunEvent;

/// <summary>The run was asked to begin: from here on it goes on whatever is lost.</summary>
[GenerateSerializer, Immutable, Alias("fl.event.started")]
public sealed record StartedEvent : RunEvent;

/// <summary>The nodes have their seats and the peer list is published.</summary>
/// <param name="Present">Nodes that are ready.</param>
/// <param name="Nodes">Nodes asked for.</param>
/// <param name="Silos">Silos that hold them.</param>
/// <param name="Lanes">Training lanes of those silos, summed.</param>
/// <param name="Parameters">Trainable parameters of the model.</param>
/// <param name="Seconds">Seconds since the start.</param>
/// <param name="Missing">Nodes that did not come, and why; null if all did.</param>
[GenerateSerializer, Immutable, Alias("fl.event.seated")]
public sealed record SeatedEvent([property: Id(0)] int Present, [property: Id(1)] int Nodes,
    [property: Id(2)] int Silos, [property: Id(3)] int Lanes, [property: Id(4)] int Parameters,
    [property: Id(5)] double Seconds, [property: Id(6)] Absence[]? Missing = null) : RunEvent;

/// <summary>How far the present round is. Not recorded; for live views.</summary>
/// <param name="Round">Round, from 1.</param>
/// <param name="Phase">train, exchange, or test.</param>
/// <param name="Done">Nodes done with the phase.</param>
/// <param name="Total">Nodes that take part in it.</param>
[GenerateSerializer, Immutable, Alias("fl.event.progress")]
public sealed record ProgressEvent([property: Id(0)] int Round, [property: Id(1)] string Phase,
    [property: Id(2)] int Done, [property: Id(3)] int Total) : RunEvent;

/// <summary>
/// The run is alive, and there is nothing new to report. Not recorded; without it a long phase would look like a lost
/// silo.
/// </summary>
/// <param name="Waiting">What the run, or its record, cannot go on without at the moment, in one sentence; null for
/// nothing.</param>
[GenerateSerializer, Immutable, Alias("fl.event.pulse")]
public sealed record PulseEvent([property: Id(0)] string? Waiting = null) : RunEvent;

/// <summary>A round is done and committed.</summary>
/// <remarks>
/// Its metrics are those of the task: of the training batches (<c>trainAccuracy</c>), of the validation samples
/// (<c>validationAccuracy</c>), and the mean, least and most over nodes on the global test set (<c>testAccuracy</c>,
/// <c>testAccuracyMin</c>, <c>testAccuracyMax</c>).
/// </remarks>
/// <param name="Round">Round, from 1.</param>
/// <param name="Rounds">Rounds asked for.</param>
/// <param name="TrainLoss">Mean loss of the training batches, each before its step; null if nobody trained.</param>
/// <param name="ValidationLoss">Mean loss over all nodes' validation samples; null if there are none.</param>
/// <param name="TestLoss">Mean over nodes of the loss on the global test set; null if not tested this round.</param>
/// <param name="Seconds">Wall seconds of the round.</param>
/// <param name="PayloadBytes">
/// Bytes of weights that nodes sent each other, wherever they sat; counted at the sender.
/// </param>
/// <param name="WireBytes">The part of them that crossed between silos.</param>
/// <param name="Present">Nodes present to the end of the round.</param>
/// <param name="Nodes">Nodes asked for.</param>
/// <param name="Absent">Nodes that missed the round, and why; null if none did.</param>
/// <param name="Work">What it did and how long that took; null in records of earlier versions.</param>
/// <param name="SimulatedSeconds">Simulated seconds from the start of the run to the end of the round; null where only
/// the wall clock counts.</param>
/// <param name="Arrivals">What made it, where nodes go by the clock; else null.</param>
/// <param name="FurtherMetrics">Values of the metrics that the run records besides, by name; null if there are
/// none.</param>
[GenerateSerializer, Immutable, Alias("fl.event.round")]
public sealed record RoundEvent(
    [property: Id(0)] int Round, [property: Id(1)] int Rounds, [property: Id(2)] double? TrainLoss,
    [property: Id(4)] double? ValidationLoss, [property: Id(6)] double? TestLoss,
    [property: Id(10)] double Seconds, [property: Id(11)] long PayloadBytes, [property: Id(12)] long WireBytes,
    [property: Id(13)] int Present, [property: Id(14)] int Nodes, [property: Id(15)] Absence[]? Absent = null,
    [property: Id(16)] RoundWork? Work = null, [property: Id(17)] double? SimulatedSeconds = null,
    [property: Id(18)] RoundArrivals? Arrivals = null, [property: Id(19),
        JsonPropertyName("metrics")] Dictionary<string, double>? FurtherMetrics = null) : MeasuredEvent;

/// <summary>A node that missed a round.</summary>
/// <param name="Node">Its rank.</param>
/// <param name="Reason">Why, in one sentence.</param>
/// <param name="Phase">The phase of the round from which on it was absent; a round that is done again counts it so
/// again.</param>
[GenerateSerializer, Immutable, Alias("fl.absence")]
public sealed record Absence(
    [property: Id(0)] int Node, [property: Id(1)] string Reason, [property: Id(2)] string? Phase = null);

/// <summary>The run is held between two rounds.</summary>
/// <param name="Round">Rounds done.</param>
[GenerateSerializer, Immutable, Alias("fl.event.paused")]
public sealed record PausedEvent([property: Id(0)] int Round) : RunEvent;

/// <summary>The run goes on.</summary>
/// <param name="Round">Rounds done.</param>
[GenerateSerializer, Immutable, Alias("fl.event.resumed")]
public sealed record ResumedEvent([property: Id(0)] int Round) : RunEvent;

/// <summary>The run's silo stopped; the run goes on from its last checkpoint when a silo is there.</summary>
/// <param name="Round">Rounds done.</param>
/// <param name="Reason">What happened.</param>
[GenerateSerializer, Immutable, Alias("fl.event.suspended")]
public sealed record SuspendedEvent([property: Id(0)] int Round, [property: Id(1)] string Reason) : RunEvent;

/// <summary>Nodes sit elsewhere than before: a silo was lost, left or joined, or the run was taken up again.</summary>
/// <param name="Round">Rounds done that count; the run goes on from the state after them.</param>
/// <param name="Epoch">Number of the seating, counting upwards.</param>
/// <param name="Silos">Silos that hold nodes now.</param>
/// <param name="Moved">Nodes that took a seat on another silo than before.</param>
/// <param name="Reason">What happened.</param>
[GenerateSerializer, Immutable, Alias("fl.event.reseated")]
public sealed record ReseatedEvent([property: Id(0)] int Round, [property: Id(1)] long Epoch,
    [property: Id(2)] string[] Silos, [property: Id(3)] int Moved, [property: Id(4)] string Reason) : RunEvent;

/// <summary>Nodes joined or left on request; the topology is drawn anew for the members.</summary>
/// <param name="Change">The change.</param>
/// <param name="Version">Number of changes so far, those of the experiment file counted.</param>
/// <param name="Members">Members from then on.</param>
[GenerateSerializer, Immutable, Alias("fl.event.members")]
public sealed record MembersEvent(
    [property: Id(0)] MemberChange Change, [property: Id(1)] int Version, [property: Id(2)] int Members) : RunEvent;

/// <summary>
/// All rounds are done; its metrics are the mean over nodes on the global test set (<c>testAccuracy</c>).
/// </summary>
/// <param name="Run">Run id.</param>
/// <param name="Folder">Full path of its folder.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="WeightsSha256">SHA-256 over the final weights of all nodes in rank order, lower-case hex; null if a
/// node was lost with its weights.</param>
/// <param name="Seconds">Wall seconds from start to end.</param>
[GenerateSerializer, Immutable, Alias("fl.event.finished")]
public sealed record FinishedEvent([property: Id(0)] string Run, [property: Id(1)] string Folder,
    [property: Id(2)] int Rounds, [property: Id(3)] string? WeightsSha256, [property: Id(5)] double Seconds)
    : MeasuredEvent;

/// <summary>The run was ended early on request; what was committed is recorded.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Folder">Full path of its folder.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Reason">Who asked.</param>
[GenerateSerializer, Immutable, Alias("fl.event.stopped")]
public sealed record StoppedEvent([property: Id(0)] string Run, [property: Id(1)] string Folder,
    [property: Id(2)] int Rounds, [property: Id(3)] string Reason) : RunEvent;

/// <summary>The run could not go on; what was committed is recorded.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Folder">Full path of its folder.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Reason">Why, in one sentence.</param>
[GenerateSerializer, Immutable, Alias("fl.event.failed")]
public sealed record FailedEvent([property: Id(0)] string Run, [property: Id(1)] string Folder,
    [property: Id(2)] int Rounds, [property: Id(3)] string Reason) : RunEvent;
