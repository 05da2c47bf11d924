namespace Orleans.FL.Grains.Interfaces;

/// <summary>Version of a node's state: after how many steps of which round.</summary>
/// <param name="Round">The round, from 0.</param>
/// <param name="Step">0 before training, 1 after it, 2 and on after each exchange.</param>
[GenerateSerializer, Immutable, Alias("fl.state-version")]
public readonly record struct StateVersion([property: Id(0)] int Round, [property: Id(1)] int Step);

/// <summary>What a silo needs to take part in an epoch of a run.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">The epoch; the silo refuses orders of earlier ones from then on.</param>
/// <param name="Experiment">The experiment file as canonical JSON; each silo reads it once.</param>
/// <param name="Changes">Changes of the members that were made while the run went on, in the order of their
/// rounds.</param>
/// <param name="Silos">Names of the silos that hold nodes.</param>
/// <param name="Seats">For each rank the index of its silo in <paramref name="Silos"/>; -1 if it sits nowhere.</param>
/// <param name="Rounds">Rounds done.</param>
[GenerateSerializer, Immutable, Alias("fl.enter-order")]
public sealed record EnterOrder([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] string Experiment, [property: Id(3)] MemberChange[] Changes,
    [property: Id(4)] string[] Silos, [property: Id(5)] int[] Seats, [property: Id(6)] int Rounds);

/// <summary>What a silo brings to a run.</summary>
/// <param name="Silo">Its name.</param>
/// <param name="Lanes">Its training lanes.</param>
/// <param name="Traffic">What it sent and received since its start.</param>
/// <param name="Worked">What its lanes did since then.</param>
/// <param name="PeakGflops">What its lanes could do at best, in 10⁹ floating-point operations a second; null if that is
/// not known, as of a GPU.</param>
[GenerateSerializer, Immutable, Alias("fl.entry")]
public sealed record Entry([property: Id(0)] string Silo, [property: Id(1)] int Lanes,
    [property: Id(2)] Traffic Traffic, [property: Id(3)] LaneSeconds Worked, [property: Id(4)] double? PeakGflops);

/// <summary>Nodes that join or leave while a run goes on.</summary>
/// <param name="Round">First round that the change holds in, from 1.</param>
/// <param name="Add">Ranks that join.</param>
/// <param name="Remove">Ranks that leave.</param>
[GenerateSerializer, Immutable, Alias("fl.member-change")]
public sealed record MemberChange(
    [property: Id(0)] int Round, [property: Id(1)] int[] Add, [property: Id(2)] int[] Remove);

/// <summary>What a node needs to take its seat.</summary>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Seat">The seat.</param>
/// <param name="Rounds">Rounds done; the node goes on from its state after them.</param>
/// <param name="Snapshot">That state in the checkpoint store, for a node that does not hold it; null if there is
/// none.</param>
/// <param name="Sponsor">Rank of the node whose weights a new member begins with; -1 for a node that is not new, or
/// receives the server's model before its first round.</param>
/// <param name="Held">The version of that state that the node holds; null if it holds none, and may begin anew if there
/// is no snapshot either.</param>
/// <param name="IsNew">Whether it is a new member.</param>
/// <param name="Lead">What it needs as the server of members that have changed; null if they have not, or it is not the
/// server.</param>
[GenerateSerializer, Immutable, Alias("fl.join-order")]
public sealed record JoinOrder([property: Id(0)] long Epoch, [property: Id(1)] Seat Seat, [property: Id(2)] int Rounds,
    [property: Id(3)] NodeSnapshot? Snapshot,
    [property: Id(4)] int Sponsor = -1, [property: Id(5)] StateVersion? Held = null,
    [property: Id(6)] bool IsNew = false, [property: Id(7)] LeadOrder? Lead = null);

/// <summary>States, after the rounds done, of nodes that a server needs when the members have changed.</summary>
/// <param name="Last">That of the last server; null if the node is the server already.</param>
/// <param name="Left">Those of nodes that left and have a share in what the server keeps, ascending by rank; one that
/// never trained may have none.</param>
/// <param name="AreKept">Whether the checkpoint of the rounds done is there, so that no state is missing.</param>
[GenerateSerializer, Immutable, Alias("fl.lead-order")]
public sealed record LeadOrder([property: Id(0)] NodeSnapshot? Last, [property: Id(1)] NodeSnapshot[] Left,
    [property: Id(2)] bool AreKept);

/// <summary>A step of a round that a node is to take.</summary>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="From">Version of the state that the step begins with.</param>
[GenerateSerializer, Immutable, Alias("fl.step-order")]
public sealed record StepOrder(
    [property: Id(0)] long Epoch, [property: Id(1)] int Round, [property: Id(2)] StateVersion From);

/// <summary>What a silo is to do for its nodes at the end of a round.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Nodes">Ranks of nodes of the silo.</param>
/// <param name="Versions">For each of them the version that is its state after those rounds.</param>
/// <param name="Publish">Whether their weights are to be read, as those after <paramref name="Rounds"/> rounds.</param>
/// <param name="Best">Whether their weights are to be kept as the best so far.</param>
/// <param name="Snapshot">Whether their states go to the checkpoint store.</param>
[GenerateSerializer, Immutable, Alias("fl.settle-order")]
public sealed record SettleOrder([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] int Rounds, [property: Id(3)] int[] Nodes, [property: Id(4)] StateVersion[] Versions,
    [property: Id(5)] bool Publish, [property: Id(6)] bool Best, [property: Id(7)] bool Snapshot);

/// <summary>What a silo did at the end of a round.</summary>
/// <param name="Snapshots">Where the states are, in the order of the nodes; empty if none were asked for.</param>
/// <param name="Traffic">What the silo sent and received since its start.</param>
/// <param name="Worked">What its lanes did since then.</param>
/// <param name="Blank">Ranks of idle nodes that keep nothing.</param>
[GenerateSerializer, Immutable, Alias("fl.settlement")]
public sealed record Settlement([property: Id(0)] NodeSnapshot[] Snapshots, [property: Id(1)] Traffic Traffic,
    [property: Id(2)] LaneSeconds Worked, [property: Id(3)] int[] Blank);

/// <summary>An order of an epoch that is over, or of one that the silo has not entered.</summary>
/// <param name="message">Which epochs.</param>
[GenerateSerializer, Alias("fl.epoch-exception")]
public sealed class EpochException(string message) : Exception(message);

/// <summary>
/// A node does not hold the state that an order begins with: its silo was lost and came back without it.
/// </summary>
/// <param name="message">Which node, which state.</param>
[GenerateSerializer, Alias("fl.state-lost-exception")]
public sealed class StateLostException(string message) : Exception(message);
