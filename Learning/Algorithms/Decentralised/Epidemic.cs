using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>
/// Each round each node sends its model to a few random others, and averages what arrives with its own.
/// </summary>
/// <remarks>
/// De Vos et al. 2023, Algorithm 1. EL-Local: each node draws its s receivers by itself, so that some receive
/// from more than others. EL-Oracle: receivers are drawn together, and each node sends to s and receives from s
/// (<see cref="RegularDigraph"/>). All that is received counts alike. The topology is not used.
/// </remarks>
/// <param name="options">Variant and s.</param>
[Component("epidemic",
    Summary = "Each node sends its model to a few random others each round, and averages what arrives with its own.",
    Aliases = ["epidemic-learning", "el"],
    Source = "De Vos et al., Epidemic Learning: Boosting Decentralized Learning with Randomized Communication, "
        + "NeurIPS 2023, arXiv:2310.01972, Algorithm 1")]
public sealed class Epidemic(Epidemic.Options options) : Algorithm, ISamplePeers, ICheckSettings
{
    private const string Oracle = "oracle";
    private const string Local = "local";

    /// <summary>Options of <see cref="Epidemic"/>.</summary>
    public sealed record Options
    {
        /// <summary>Who draws.</summary>
        [Option("oracle = all together, so that each node sends and receives from as many models; "
            + "local = each node its own receivers.", Values = [Oracle, Local])]
        public string Variant { get; init; } = Oracle;

        /// <summary>Number of nodes that receive from each node.</summary>
        [Option("Number s of nodes that receive from each node; 0 = log₂ of the number of nodes, rounded up.",
            Min = 0, Max = 1_000_000)]
        public int Receivers { get; init; }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        var ranks = context.Ranks;
        var count = Math.Min(ReceiversOf(ranks.Count), ranks.Count - 1);
        foreach (var node in ranks.Where(context.Trained)) rows.Add(node, node);
        if (options.Variant == Oracle) DrawTogether(context, rows, count);
        else
            for (var i = 0; i < ranks.Count; i++)
                if (context.Trained(ranks[i])) DrawAlone(context, rows, i, count);
        return rows;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts) => options.Receivers > facts.Nodes - 1
        ? [new ValidationError("receivers", $"A node cannot send to {options.Receivers} others where there are "
            + $"{facts.Nodes - 1}; {Remedy.AtMost("receivers", facts.Nodes - 1, "to 0")}.")]
        : [];

    private int ReceiversOf(int nodes) =>
        options.Receivers > 0 ? options.Receivers : (int)Math.Ceiling(Math.Log2(nodes));

    private static void DrawTogether(PeerSamplingContext context, MixingRows rows, int count)
    {
        var receivers = RegularDigraph.Draw(context.Ranks.Count, count, context.Stream("epidemic/oracle"));
        for (var i = 0; i < receivers.Length; i++)
            foreach (var receiver in receivers[i])
                Receive(context, rows, context.Ranks[receiver], context.Ranks[i]);
    }

    private static void DrawAlone(PeerSamplingContext context, MixingRows rows, int place, int count)
    {
        var me = context.Ranks[place];
        foreach (var other in context.Stream("epidemic/local", me).Permutation(context.Ranks.Count - 1)[..count])
            Receive(context, rows, context.Ranks[other < place ? other : other + 1], me);
    }

    private static void Receive(PeerSamplingContext context, MixingRows rows, int receiver, int sender)
    {
        if (context.Trained(sender)) rows.Add(receiver, sender);
    }
}
