using System.Text.Json.Serialization;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>Answer to a registration: a run, or every error of the experiment.</summary>
/// <param name="Run">Run id; null if refused.</param>
/// <param name="Folder">Full path of the run's folder on the machine that records it; null if refused.</param>
/// <param name="Errors">What is wrong, one sentence each, beginning with the JSON path; empty if accepted.</param>
/// <param name="IdIsTaken">Whether it is refused because there is a run of that id.</param>
[GenerateSerializer, Immutable, Alias("fl.registration")]
public sealed record Registration([property: Id(0)] string? Run, [property: Id(1)] string? Folder,
    [property: Id(2)] string[] Errors, [property: Id(3)] bool IdIsTaken = false);

/// <summary>A node's place in a run.</summary>
/// <param name="Identity">The node's stable name.</param>
/// <param name="Rank">Its rank, 0 … nodes - 1.</param>
/// <param name="Silo">Silo that holds it; empty before it has joined.</param>
/// <param name="Device">Device that its trainer runs on, e.g. <c>cpu</c>; empty before it has joined.</param>
/// <param name="Samples">Training samples it holds; 0 before it has joined.</param>
[GenerateSerializer, Immutable, Alias("fl.seat")]
public sealed record Seat(
    [property: Id(0)] string Identity, [property: Id(1)] int Rank, [property: Id(2)] string Silo = "",
    [property: Id(3)] string Device = "", [property: Id(4)] int Samples = 0);

/// <summary>A number that a node's algorithm found of another node; see the learning core's PeerScore.</summary>
/// <param name="Measure">What it measures.</param>
/// <param name="Other">Rank of the other node.</param>
/// <param name="Value">The number.</param>
[GenerateSerializer, Immutable, Alias("fl.found")]
public readonly record struct Found(
    [property: Id(0)] string Measure, [property: Id(1)] int Other, [property: Id(2)] double Value);

/// <summary>A value of a metric that a node emitted; see the learning core's Emission.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Value">The value.</param>
/// <param name="Weight">Its weight in a mean.</param>
/// <param name="Exchange">The exchange for which it composed an update; -1 for what it did once.</param>
/// <param name="Place">Place among the values that were emitted while it composed.</param>
[GenerateSerializer, Immutable, Alias("fl.emitted")]
public readonly record struct Emitted([property: Id(0)] string Metric, [property: Id(1)] double Value,
    [property: Id(2)] double Weight, [property: Id(3)] int Exchange, [property: Id(4)] int Place);

/// <summary>What one phase of a round gave at one node.</summary>
/// <remarks>
/// The exact sums of a metric are numbers, as the learning core's MetricSums gives and takes them; null for none.
/// </remarks>
/// <param name="Training">Training batches; zero outside training.</param>
/// <param name="Validation">Validation samples; zero if there are none.</param>
/// <param name="Test">Global test samples; zero if not tested.</param>
/// <param name="LocalTest">The node's own test samples; zero if there are none.</param>
/// <param name="SentBytes">Payload sent to peers.</param>
/// <param name="ReceivedBytes">Payload received from peers.</param>
/// <param name="WireBytes">Payload that came from another silo.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="TrainSeconds">Seconds of training, without the wait for a lane.</param>
/// <param name="Pending">Whether the node is still at work, so that the other values mean nothing yet.</param>
/// <param name="PeerScores">What it noted of others; null for nothing.</param>
/// <param name="Metrics">Values of metrics that it emitted; null for none.</param>
[GenerateSerializer, Immutable, Alias("fl.phase-report")]
public sealed record PhaseReport(
    [property: Id(0)] Int128[]? Training = null, [property: Id(1)] Int128[]? Validation = null,
    [property: Id(2)] Int128[]? Test = null, [property: Id(3)] Int128[]? LocalTest = null,
    [property: Id(4)] long SentBytes = 0, [property: Id(5)] long ReceivedBytes = 0,
    [property: Id(6)] long WireBytes = 0, [property: Id(7)] long Steps = 0, [property: Id(8)] double TrainSeconds = 0,
    [property: Id(9)] bool Pending = false, [property: Id(10)] Found[]? PeerScores = null,
    [property: Id(11)] Emitted[]? Metrics = null)
{
    /// <summary>The node is still at work; the same order, given again, waits on.</summary>
    public static PhaseReport StillAtIt { get; } = new(Pending: true);
}

/// <summary>Where a run is in its life.</summary>
[GenerateSerializer]
public enum RunState
{
    /// <summary>Known, not started.</summary>
    Registered,

    /// <summary>Waiting for its nodes.</summary>
    Seating,

    /// <summary>In a round.</summary>
    Running,

    /// <summary>Held between two rounds.</summary>
    Paused,

    /// <summary>Its silo stopped; it goes on from its last checkpoint by itself when a silo is there again.</summary>
    Suspended,

    /// <summary>All rounds done.</summary>
    Finished,

    /// <summary>Ended early on request.</summary>
    Stopped,

    /// <summary>Ended early by a failure.</summary>
    Failed,
}

/// <summary>How a run stands.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Name">Name of the experiment.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Round">Rounds done.</param>
/// <param name="Rounds">Rounds asked for.</param>
/// <param name="Nodes">Nodes asked for.</param>
/// <param name="Present">Nodes present in the last round.</param>
/// <param name="Folder">Full path of its folder on the machine that records it.</param>
/// <param name="Registered">When it was registered.</param>
/// <param name="Test">The main metric of its task on the global test set at the last test, the mean over nodes; null
/// before any.</param>
/// <param name="WeightsSha256">SHA-256 of the final weights of all nodes in rank order, lower-case hex; null before the
/// end.</param>
/// <param name="Reason">Why it failed or stopped; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("fl.run-status")]
public sealed record RunStatus(
    [property: Id(0)] string Run, [property: Id(1)] string Name, [property: Id(2)] RunState State,
    [property: Id(3)] int Round, [property: Id(4)] int Rounds, [property: Id(5)] int Nodes,
    [property: Id(6)] int Present, [property: Id(7)] string Folder,
    [property: Id(8)] DateTimeOffset Registered, [property: Id(9), JsonIgnore] MetricValue? Test = null,
    [property: Id(10)] string? WeightsSha256 = null, [property: Id(11)] string? Reason = null)
{
    /// <summary>The metric of the last test as a member of JSON that is named as the metric is.</summary>
    [JsonExtensionData]
    public IDictionary<string, object>? Named => Test is null
        ? null
        : new Dictionary<string, object>
        {
            [$"test{char.ToUpperInvariant(Test.Name[0])}{Test.Name[1..]}"] = Test.Value
        };

    /// <summary>Whether nothing more will happen.</summary>
    public bool Ended => State is RunState.Finished or RunState.Stopped or RunState.Failed;
}
