using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Learning.Plans;

/// <summary>Split learning: nodes take turns, and train and test in split sessions, each with a part of the
/// model.</summary>
/// <remarks>A node that is in a session of a round, or receives a part in it, takes part. Nobody else has the part that
/// a node holds, so that none may be absent.</remarks>
internal sealed class SequentialProtocol(Plan plan) : RoundProtocol(plan)
{
    private readonly int[] _exchanges = [.. Enumerable.Range(0, plan.Exchanges.Count)];
    private readonly int _session = plan.Exchanges.ToList().IndexOf(ExchangeKind.SplitSession);

    /// <inheritdoc/>
    public override bool SplitsModel => true;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Participants(int round) =>
        [.. Plan.Members(round).Ranks.Where(n => _exchanges.Any(e => Plan.Receives(n, round, e)))];

    /// <inheritdoc/>
    public override bool Trains(int node, int round) => false; // they do so in the session

    /// <inheritdoc/>
    public override bool Tests(int node, int round) => false;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Tested(int round, IReadOnlyList<int> nodes) => Holders(round);

    /// <inheritdoc/>
    public override IReadOnlyList<int> Holders(int round) =>
        [.. Plan.Members(round).Ranks.Where(n => Plan.Receives(n, round, _session))];

    /// <inheritdoc/>
    public override string RefusalOfAbsence(int node, int round) =>
        $"Node {node} is absent in round {round + 1}, and without it nobody has its part of the model";

    /// <inheritdoc/>
    public override string Refusal(MembershipChange change) =>
        "The nodes hand parts of one model on in turn, and a new one would have none; "
        + "change the members in another run.";
}
