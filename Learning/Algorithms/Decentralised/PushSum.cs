using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>Stochastic gradient push: nodes share their weights out over those that receive from them, and a number
/// sent with them corrects the mean.</summary>
/// <remarks>
/// Assran et al. 2019, Algorithm 1, with local steps in place of one: x ← x + what training moved z by; x and w are
/// shared out over a node's receivers and itself by the topology's weights, taken so that columns sum to one, on
/// directed graphs too (equal parts, as in the paper, are <c>mixing</c> uniform); each adds up what it gets, and
/// z = x/w is trained and tested. Σx and Σw are kept, so all z go to the mean whatever the graph. A step counts 1/w in
/// z, as in the paper. Buffers are shared out as w·z. When the members change, all begin anew with w = 1 and x = z:
/// else what a node that left had given or taken would lengthen or shorten the steps of the others for ever.
/// </remarks>
[Component("push-sum", Summary = "Nodes share their weights out over those that receive from them, "
    + "and a number sent with them corrects the mean.", Aliases = ["sgp", "stochastic-gradient-push"],
    Source = "Assran et al., Stochastic Gradient Push for Distributed Deep Learning, ICML 2019, arXiv:1811.10792, "
        + "Algorithm 1")]
public sealed class PushSum : Algorithm
{
    private const string Sum = "push-sum.sum";
    private const string Share = "push-sum.share";
    private const string Counted = "push-sum.membership"; // the version of the members whose shares they are
    private const string SentShare = "share";

    /// <inheritdoc/>
    public override Requirements Requires => new() { Connected = true };

    /// <inheritdoc/>
    public override string MessageSchema => "shares";

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.NeighboursByShares];

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        new(layout.Length, [new AuxiliaryVector(SentShare, 1, IsExact: true)]);

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result)
    {
        if ((me.Numbers(Counted)?.Span[0] ?? 0) != me.MembershipVersion)
        {
            me.Memory[Sum] = me.RoundStart;
            me.Remember(Share, 1);
            me.Remember(Counted, me.MembershipVersion);
        }
        var moved = Vectors.Combine(SumOf(me), 1, Vectors.Combine(me.Weights, 1, me.RoundStart, -1), 1);
        me.Memory[Sum] = Vectors.WithBuffers(moved, Vectors.Scale(me.Weights, ShareOf(me)), me.Layout);
    }

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) => UpdateContent.Other;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) =>
        new(SumOf(me), new Dictionary<string, ParameterVector> { [SentShare] = ParameterVector.Own([ShareOf(me)]) });

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var (sum, share) = (received.Total(), received.Total(SentShare).Span[0]);
        me.Memory[Sum] = sum;
        me.Remember(Share, share);
        me.Weights = Vectors.Scale(sum, 1 / (double)share);
    }

    private static ParameterVector SumOf(Learner me) => me.Memory.GetValueOrDefault(Sum) ?? me.RoundStart;

    private static float ShareOf(Learner me) => me.Numbers(Share)?.Span[0] ?? 1;
}
