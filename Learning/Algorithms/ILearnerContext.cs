using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.UpdatePaths;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>What the learners of a run have in common, and what the run determines for each. Pure and
/// thread-safe.</summary>
public interface ILearnerContext : ITrainingContext
{
    /// <summary>The metrics that nodes may emit, each a column of the record.</summary>
    IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Number of nodes of the run, members or not: ranks are below it.</summary>
    int Nodes { get; }

    /// <summary>Number of members in a round: the N of the papers.</summary>
    /// <param name="round">Round, from 0.</param>
    int MemberCount(int round);

    /// <summary>Whether a node is a member in a round.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    bool IsMember(int node, int round);

    /// <summary>How often the members have changed up to the beginning of a round.</summary>
    /// <param name="round">Round, from 0.</param>
    int MembershipVersion(int round);

    /// <summary>Weights that all nodes begin with.</summary>
    ParameterVector InitialWeights { get; }

    /// <summary>A vector of zeros of the model's length.</summary>
    ParameterVector Zeros { get; }

    /// <summary>Whether nodes go by a schedule and do not wait for each other.</summary>
    bool IsAsynchronous { get; }

    /// <summary>The algorithm of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    Algorithm AlgorithmOf(int node);

    /// <summary>Weights that a further model of all nodes begins with.</summary>
    /// <param name="variant">0 for <see cref="InitialWeights"/>; others differ from them and from each other.</param>
    ParameterVector InitialWeightsOf(int variant);

    /// <summary>An exchange of a round.</summary>
    /// <param name="exchange">Its index.</param>
    Exchange ExchangeAt(int exchange);

    /// <summary>What happens to an update between its sender and its receiver.</summary>
    UpdatePath Path { get; }

    /// <summary>How what nodes send becomes bytes.</summary>
    Codec Codec { get; }

    /// <summary>What a node expects to receive in an exchange, as it is on the wire.</summary>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="exchange">Index of the exchange.</param>
    UpdateFormat FormatOf(int node, int exchange);

    /// <summary>Kinds of the exchanges of a round, in order.</summary>
    IReadOnlyList<ExchangeKind> Exchanges { get; }

    /// <summary>The shape of what a node sends and expects in an exchange.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="exchange">Index of the exchange.</param>
    UpdateShape ShapeOf(int node, int exchange);

    /// <summary>Whether a node receives anything in an exchange, absences aside.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    bool Receives(int node, int round, int exchange);

    /// <summary>Whether a node is the server in a round; nobody is where the topology has none.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    bool IsServer(int node, int round);

    /// <summary>How many other nodes receive from a node in an exchange, absences aside.</summary>
    /// <param name="node">Rank of the sender.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    int ReceiverCount(int node, int round, int exchange);

    /// <summary>The round whose random numbers a node's training uses: the one in which the training began.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    int TrainingRound(int node, int round);

    /// <summary>Whether models are tested after a round.</summary>
    /// <param name="round">Round, from 0.</param>
    bool Tests(int round);
}
