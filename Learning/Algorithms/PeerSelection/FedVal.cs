using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>Each node averages with those whose models have the least loss on its own training samples.</summary>
/// <remarks>
/// Onoszko et al. 2021 call it performance-based neighbour selection; here partners are chosen anew each round, after
/// training, and all samples are used. The highest loss as the measure is the original's control.
/// </remarks>
/// <param name="options">Number of partners, which of them.</param>
[Component("fedval",
    Summary = "Each node averages with those whose models have the least loss on its own training samples.",
    Aliases = ["pens"], Source = "Onoszko et al., Decentralized federated learning of deep neural networks on non-iid "
        + "data, 2021, arXiv:2107.08517")]
public sealed class FedVal(FedVal.Options options) : PartnerChoice(options)
{
    private const string Lowest = "lowest", Highest = "highest";

    /// <summary>Options of <see cref="FedVal"/>.</summary>
    public sealed record Options : PartnerOptions
    {
        /// <summary>Which losses are chosen.</summary>
        [Option("Whether partners are those of the lowest loss, or of the highest as a control.",
            Values = [Lowest, Highest])]
        public string Selection { get; init; } = Lowest;
    }

    /// <inheritdoc/>
    protected override IEnumerable<ReceivedUpdate> Choose(Learner me, IReadOnlyList<ReceivedUpdate> others, int count)
    {
        var losses = others.Select(o => me.Bench.Evaluate(o.Update.Weights, me.Bench.Training).Loss);
        return Ascending([.. options.Selection == Lowest ? losses : losses.Select(l => -l)]).Take(count)
            .Select(i => others[i]);
    }
}
