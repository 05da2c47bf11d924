using Orleans.Concurrency;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>
/// Represents one silo: what it has, and what concerns all of its nodes at once. The key is the silo's name.
/// </summary>
[Alias("fl.silo")]
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>What the silo has, and how busy it is.</summary>
    [ForClients, Alias("Describe"), AlwaysInterleave]
    Task<SiloReport> Describe();

    /// <summary>Takes part in an epoch of a run: reads the experiment, loads its data, learns who sits where.</summary>
    /// <param name="order">The run and the epoch.</param>
    [Alias("Enter"), AlwaysInterleave, ResponseTimeout("00:00:30")]
    Task<Entry> Enter(EnterOrder order);

    /// <summary>Has nodes of the silo take their seats; answers within 10 s, done or not.</summary>
    /// <param name="order">Which nodes.</param>
    /// <param name="cancellation">Gives up.</param>
    [Alias("Seat"), AlwaysInterleave, ResponseTimeout("00:00:20")]
    Task<BatchAnswer<Seat>> Seat(SeatsOrder order, CancellationToken cancellation = default);

    /// <summary>Has nodes of the silo take a step; answers within 10 s, done or not.</summary>
    /// <param name="order">Which nodes, and which step.</param>
    /// <param name="cancellation">Gives the step up, however often it was ordered.</param>
    [Alias("Take"), AlwaysInterleave, ResponseTimeout("00:00:20")]
    Task<BatchAnswer<PhaseReport>> Take(BatchOrder order, CancellationToken cancellation = default);

    /// <summary>
    /// Has nodes of the silo begin to train, where they go by the clock; a training that is under way goes on.
    /// </summary>
    /// <param name="order">Which nodes, from which states.</param>
    [Alias("TrainAhead"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task TrainAhead(AheadOrder order);

    /// <summary>Waits for such trainings to end, some seconds at most.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch of the run.</param>
    /// <param name="from">How many were reported before.</param>
    /// <param name="cancellation">Waits no longer.</param>
    /// <returns>Those that ended since; none if it takes longer.</returns>
    [Alias("Arrivals"), AlwaysInterleave, ResponseTimeout("00:00:20")]
    Task<Arrivals> Arrivals(string run, long epoch, int from, CancellationToken cancellation = default);

    /// <summary>Learns what makes a round, before it begins.</summary>
    /// <param name="announced">The round.</param>
    [Alias("Announce"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task Announce(AnnouncedRound announced);

    /// <summary>Does what is to be done for all nodes of the silo at the end of a round.</summary>
    /// <param name="order">Which nodes, and what.</param>
    [Alias("Settle"), AlwaysInterleave, ResponseTimeout("00:00:30")]
    Task<Settlement> Settle(SettleOrder order);

    /// <summary>Lets go of all that the silo holds of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch of the caller; a call of an older one than the silo's is ignored.</param>
    [Alias("Forget"), AlwaysInterleave]
    Task Forget(string run, long epoch);

    /// <summary>Bytes of the exact sum of what nodes of the silo published, for a server on another one.</summary>
    /// <param name="request">Which nodes, with which weights, and which part of the sum.</param>
    /// <returns>A chunk; its receiver disposes it.</returns>
    [Alias("ReadSum"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task<WeightChunk> ReadSum(SumRequest request);

    /// <summary>The same values of what several nodes of the silo published.</summary>
    /// <param name="request">Which nodes, and which values.</param>
    /// <returns>One chunk with the values, node after node; its receiver disposes it.</returns>
    [Alias("ReadBlock"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task<WeightChunk> ReadBlock(BlockRequest request);

    /// <summary>
    /// Aggregates a block of values of a row's updates: reads them from their silos, and gives the values of the model
    /// (<c>float32</c>) or the squared distances of the updates over the block (<c>float64</c>), after the number of
    /// bytes that crossed from other silos (<c>int64</c>).
    /// </summary>
    /// <param name="request">Which row, and which block of it.</param>
    /// <returns>A chunk; its receiver disposes it.</returns>
    [Alias("Aggregate"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task<WeightChunk> Aggregate(AggregateRequest request);

    /// <summary>
    /// Tests a model that the server spread on some of the test samples; answers within 10 s, done or not.
    /// </summary>
    /// <param name="request">Which model, on which pieces of the samples.</param>
    [Alias("Test"), AlwaysInterleave, ResponseTimeout("00:00:15")]
    Task<TestAnswer> Test(TestRequest request);

    /// <summary>What the silo sent and received so far.</summary>
    [Alias("Traffic"), AlwaysInterleave]
    Task<Traffic> Traffic();
}

/// <summary>What a silo has, and how busy it is.</summary>
/// <param name="Name">Its name, unique in its cluster.</param>
/// <param name="Address">Endpoint for other silos.</param>
/// <param name="Labels">What its owner says of it, <c>key=value</c>.</param>
/// <param name="Devices">What its lanes compute on, one entry a lane, e.g. <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="LanesBusy">Lanes at work.</param>
/// <param name="MemoryBytes">Memory of the machine.</param>
/// <param name="UsedBytes">Resident memory of the silo's process.</param>
/// <param name="Nodes">Nodes seated there, by run.</param>
/// <param name="Leaving">Whether it hands its nodes over and is about to stop.</param>
[GenerateSerializer, Immutable, Alias("fl.silo-report")]
public sealed record SiloReport(
    [property: Id(0)] string Name, [property: Id(1)] string Address, [property: Id(2)] string[] Labels,
    [property: Id(3)] string[] Devices, [property: Id(4)] int LanesBusy, [property: Id(5)] long MemoryBytes,
    [property: Id(6)] long UsedBytes, [property: Id(7)] Dictionary<string, int> Nodes, [property: Id(8)] bool Leaving);

/// <summary>A node's whole state after a round, as names of the blobs that hold its vectors.</summary>
/// <param name="Node">Its rank.</param>
/// <param name="Round">Round that it last began, from 0; -1 before any.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Memory">Vectors that its algorithm remembers, by name.</param>
/// <param name="Steps">Optimiser steps so far.</param>
/// <param name="First">First moments; null if there are none.</param>
/// <param name="Second">Second moments; null if there are none.</param>
[GenerateSerializer, Immutable, Alias("fl.node-snapshot")]
public sealed record NodeSnapshot([property: Id(0)] int Node, [property: Id(1)] int Round,
    [property: Id(2)] BlobRef Weights, [property: Id(3)] SortedDictionary<string, BlobRef> Memory,
    [property: Id(4)] long Steps, [property: Id(5)] BlobRef? First, [property: Id(6)] BlobRef? Second)
{
    /// <summary>The blobs that hold its vectors; one that holds several is named several times.</summary>
    public IEnumerable<BlobRef> Blobs()
    {
        yield return Weights;
        foreach (var blob in Memory.Values) yield return blob;
        if (First is { } first) yield return first;
        if (Second is { } second) yield return second;
    }
}

/// <summary>Names a stored vector of float32.</summary>
/// <param name="Sha256">SHA-256 of its little-endian bytes: 64 lower-case hexadecimal digits.</param>
/// <param name="Length">Number of values, at most <see cref="MaxLength"/>.</param>
[GenerateSerializer, Immutable, Alias("fl.blob-ref")]
public readonly record struct BlobRef([property: Id(0)] string Sha256, [property: Id(1)] int Length)
{
    /// <summary>The longest vector that is stored: 2^29 values, 2 GiB.</summary>
    public const int MaxLength = 1 << 29;
}

/// <summary>Bytes that a silo sent and received; counts from its start.</summary>
/// <param name="PayloadSent">Bytes of weights that other silos read here.</param>
/// <param name="PayloadReceived">Bytes of weights read from other silos.</param>
/// <param name="WireSent">All bytes sent on connections to other silos and clients.</param>
/// <param name="WireReceived">All bytes received on them.</param>
[GenerateSerializer, Immutable, Alias("fl.traffic")]
public readonly record struct Traffic(
    [property: Id(0)] long PayloadSent, [property: Id(1)] long PayloadReceived, [property: Id(2)] long WireSent,
    [property: Id(3)] long WireReceived)
{
    /// <summary>What is not payload: calls, answers, membership, headers.</summary>
    public long ControlSent => WireSent - PayloadSent;

    /// <summary>What is not payload, received.</summary>
    public long ControlReceived => WireReceived - PayloadReceived;
}
