namespace Orleans.FL.Grains.Interfaces;

/// <summary>Answer to a registration: a run, or every error of the experiment.</summary>
/// <param name="Run">Run id; null if refused.</param>
/// <param name="Folder">Full path of the run's folder on the machine that records it; null if refused.</param>
/// <param name="Errors">What is wrong, one sentence each, beginning with the JSON path; empty if accepted.</param>
[GenerateSerializer, Immutable, Alias("fl.registration")]
public sealed record Registration(
    [property: Id(0)] string? Run, [property: Id(1)] string? Folder, [property: Id(2)] string[] Errors);

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

/// <summary>Sums over samples; see the learning core's MetricSum.</summary>
/// <param name="Samples">Number of samples.</param>
/// <param name="Correct">Right labels.</param>
/// <param name="LossFixed">Sum of losses in units of 2^-24 nats.</param>
/// <param name="NotFinite">Samples whose loss was not finite.</param>
[GenerateSerializer, Immutable, Alias("fl.sums")]
public readonly record struct Sums(
    [property: Id(0)] long Samples, [property: Id(1)] long Correct, [property: Id(2)] long LossFixed, [property: Id(3)] long NotFinite);

/// <summary>A number that a node's algorithm found of another node; see the learning core's PeerScore.</summary>
/// <param name="Measure">What it measures.</param>
/// <param name="Other">Rank of the other node.</param>
/// <param name="Value">The number.</param>
[GenerateSerializer, Immutable, Alias("fl.found")]
public readonly record struct Found([property: Id(0)] string Measure, [property: Id(1)] int Other, [property: Id(2)] double Value);

/// <summary>A value of a metric that a node emitted; see the learning core's Emission.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Value">The value.</param>
/// <param name="Weight">Its weight in a mean.</param>
/// <param name="Exchange">The exchange for which it composed an update; -1 for what it did once.</param>
/// <param name="Place">Place among the values that were emitted while it composed.</param>
[GenerateSerializer, Immutable, Alias("fl.emitted")]
public readonly record struct Emitted(
    [property: Id(0)] string Metric, [property: Id(1)] double Value, [property: Id(2)] double Weight, [property: Id(3)] int Exchange,
    [property: Id(4)] int Place);

/// <summary>What one phase of a round gave at one node.</summary>
/// <param name="Training">Training batches; zero outside training.</param>
/// <param name="Validation">Validation samples; zero if there are none.</param>
/// <param name="Test">Global test samples; zero if not tested.</param>
/// <param name="LocalTest">The node's own test samples; zero if there are none.</param>
/// <param name="SentBytes">Payload told to peers.</param>
/// <param name="ReceivedBytes">Payload heard from peers.</param>
/// <param name="WireBytes">Payload that came from another silo.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="TrainSeconds">Seconds of training, without the wait for a lane.</param>
/// <param name="Pending">Whether the node is still at it, and the rest says nothing yet.</param>
/// <param name="PeerScores">What it noted of others; null for nothing.</param>
/// <param name="Metrics">Values of metrics that it emitted; null for none.</param>
[GenerateSerializer, Immutable, Alias("fl.phase-report")]
public sealed record PhaseReport(
    [property: Id(0)] Sums Training = default, [property: Id(1)] Sums Validation = default, [property: Id(2)] Sums Test = default,
    [property: Id(3)] Sums LocalTest = default, [property: Id(4)] long SentBytes = 0, [property: Id(5)] long ReceivedBytes = 0,
    [property: Id(6)] long WireBytes = 0, [property: Id(7)] long Steps = 0, [property: Id(8)] double TrainSeconds = 0,
    [property: Id(9)] bool Pending = false, [property: Id(10)] Found[]? PeerScores = null,
    [property: Id(11)] Emitted[]? Metrics = null)
{
    /// <summary>The node is still at it; the same order, given again, waits on.</summary>
    public static PhaseReport StillAtIt { get; } = new(Pending: true);
}

/// <summary>Which of a node's published vectors to read, and from where.</summary>
/// <param name="Round">Round of the version; <see cref="After"/> for weights at the end of a round, <see cref="Best"/> for the best ones.</param>
/// <param name="Exchange">Exchange of the round; with <see cref="After"/> the number of rounds done.</param>
/// <param name="Part">Index of the vector within the update; 0 is the weights.</param>
/// <param name="Offset">First byte wanted.</param>
/// <param name="Epoch">Epoch that it was published in.</param>
/// <param name="Message">Place of a message among those of both sides of a split session, from 0; <see cref="None"/> for what is told to all.</param>
[GenerateSerializer, Immutable, Alias("fl.read-request")]
public sealed record ReadRequest(
    [property: Id(0)] int Round, [property: Id(1)] int Exchange, [property: Id(2)] int Part, [property: Id(3)] long Offset,
    [property: Id(4)] long Epoch, [property: Id(5)] int Message = ReadRequest.None)
{
    /// <summary>Marks that no message of a split session is meant.</summary>
    public const int None = -1;

    /// <summary>Marks the weights that a node had after a number of rounds.</summary>
    public const int After = -1;

    /// <summary>Marks the best weights that the node was told to keep.</summary>
    public const int Best = -2;
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
/// <param name="TestAccuracy">Mean accuracy on the global test set at the last test, 0 to 1; null before any.</param>
/// <param name="WeightsSha256">SHA-256 of the final weights of all nodes in rank order, lower-case hex; null before the end.</param>
/// <param name="Reason">Why it failed or stopped; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("fl.run-status")]
public sealed record RunStatus(
    [property: Id(0)] string Run, [property: Id(1)] string Name, [property: Id(2)] RunState State, [property: Id(3)] int Round,
    [property: Id(4)] int Rounds, [property: Id(5)] int Nodes, [property: Id(6)] int Present, [property: Id(7)] string Folder,
    [property: Id(8)] DateTimeOffset Registered, [property: Id(9)] double? TestAccuracy = null,
    [property: Id(10)] string? WeightsSha256 = null, [property: Id(11)] string? Reason = null)
{
    /// <summary>Whether nothing more will happen.</summary>
    public bool Ended => State is RunState.Finished or RunState.Stopped or RunState.Failed;
}
