using Orleans.Concurrency;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>Speaks for one silo: what it has, and what concerns all of its nodes at once. The key is the silo's name.</summary>
[Alias("fl.silo")]
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>What the silo has, and how busy it is.</summary>
    [Alias("Describe"), AlwaysInterleave]
    Task<SiloReport> Describe();

    /// <summary>Writes snapshots of nodes that sit on the silo; each distinct vector once.</summary>
    /// <param name="order">Which nodes, after which round.</param>
    [Alias("Checkpoint"), AlwaysInterleave, ResponseTimeout("01:00:00")]
    Task<NodeSnapshot[]> Checkpoint(CheckpointOrder order);

    /// <summary>Bytes of the exact sum of what nodes of the silo published, for a hub on another one.</summary>
    /// <param name="request">Which nodes, with which weights, and which part of the sum.</param>
    /// <returns>A chunk; who receives it disposes it.</returns>
    [Alias("ReadSum"), AlwaysInterleave, ResponseTimeout("00:01:00")]
    Task<WeightChunk> ReadSum(SumRequest request);

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
    [property: Id(0)] string Name, [property: Id(1)] string Address, [property: Id(2)] string[] Labels, [property: Id(3)] string[] Devices,
    [property: Id(4)] int LanesBusy, [property: Id(5)] long MemoryBytes, [property: Id(6)] long UsedBytes,
    [property: Id(7)] Dictionary<string, int> Nodes, [property: Id(8)] bool Leaving);

/// <summary>Which nodes to snapshot.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run; an older one is refused.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Nodes">Ranks of the nodes.</param>
[GenerateSerializer, Immutable, Alias("fl.checkpoint-order")]
public sealed record CheckpointOrder(
    [property: Id(0)] string Run, [property: Id(1)] long Epoch, [property: Id(2)] int Rounds, [property: Id(3)] int[] Nodes);

/// <summary>A node's whole state after a round, by the SHA-256 of its vectors.</summary>
/// <param name="Node">Its rank.</param>
/// <param name="Round">Round that it last began, from 0; -1 before any.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Memory">Vectors that its algorithm remembers, by name.</param>
/// <param name="Steps">Optimiser steps so far.</param>
/// <param name="First">First moments; null if there are none.</param>
/// <param name="Second">Second moments; null if there are none.</param>
[GenerateSerializer, Immutable, Alias("fl.node-snapshot")]
public sealed record NodeSnapshot(
    [property: Id(0)] int Node, [property: Id(1)] int Round, [property: Id(2)] string Weights,
    [property: Id(3)] SortedDictionary<string, string> Memory, [property: Id(4)] long Steps, [property: Id(5)] string? First,
    [property: Id(6)] string? Second);

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
