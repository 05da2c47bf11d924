using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>
/// Nodes that receive from all their neighbours, choose some of them, and average those with themselves, all alike.
/// </summary>
/// <remarks>
/// A node chooses among its neighbours in the topology; in a fully connected one, among all. It must receive a model to
/// judge it, so a round costs one model from every neighbour, however few are chosen.
/// </remarks>
/// <param name="options">Number of partners.</param>
public abstract class PartnerChoice(PartnerOptions options) : Algorithm, ICheckSettings, IChooseLanes
{
    /// <summary>Models are compared on samples that the node trains on.</summary>
    protected const string TrainingProbe = "training";

    /// <summary>Models are compared on samples that the node holds out.</summary>
    protected const string ValidationProbe = "validation";

    /// <summary>Models are compared on samples that all nodes may look at.</summary>
    protected const string PublicProbe = "public";

    /// <inheritdoc/>
    public sealed override Requirements Requires => Needs with { EachUpdate = true };

    /// <summary>What it needs to compare models.</summary>
    protected virtual Requirements Needs => Requirements.None;

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Neighbours];

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => true;

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var others = Candidates(me, [.. received.Updates.Where(h => h.Node != me.Index)]);
        var count = CountOf(me, others.Count);
        Average(me, count == others.Count ? others : Choose(me, others, count));
    }

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationError> Check(ExperimentFacts facts) => options.Partners > facts.Nodes - 1
        ? [new ValidationError("partners", $"A node cannot have {options.Partners} partners where there are "
            + $"{facts.Nodes - 1} others; {Remedy.AtMost("partners", facts.Nodes - 1, "to 0 for all")}.")]
        : [];

    /// <summary>Those that can be chosen; by default all that were received.</summary>
    /// <param name="me">The node.</param>
    /// <param name="others">Those that it received but itself, ascending by rank.</param>
    protected virtual IReadOnlyList<ReceivedUpdate> Candidates(Learner me, IReadOnlyList<ReceivedUpdate> others) =>
        others;

    /// <summary>Some of those that can be chosen.</summary>
    /// <param name="me">The node.</param>
    /// <param name="others">Those that can be chosen, ascending by rank.</param>
    /// <param name="count">How many of them, fewer than all.</param>
    protected abstract IEnumerable<ReceivedUpdate> Choose(Learner me, IReadOnlyList<ReceivedUpdate> others, int count);

    /// <summary>How many partners a node has among so many others.</summary>
    /// <param name="me">The node.</param>
    /// <param name="others">The number of others.</param>
    protected virtual int CountOf(Learner me, int others) =>
        options.Partners == 0 ? others : Math.Min(options.Partners, others);

    /// <summary>Makes the mean of the node and its partners the node's weights, each counting the same.</summary>
    /// <param name="me">The node.</param>
    /// <param name="partners">Its partners.</param>
    protected static void Average(Learner me, IEnumerable<ReceivedUpdate> partners)
    {
        var own = new ReceivedUpdate(me.Index, 1, new Update(me.Weights));
        me.Weights = ReceivedUpdates.Of(
            [.. partners.Select(p => p with { Weight = 1 }).Append(own).OrderBy(h => h.Node)]).Mean();
    }

    /// <summary>The samples that a node compares models on.</summary>
    /// <param name="me">The node, on a lane.</param>
    /// <param name="probe">Whose: <see cref="TrainingProbe"/>, <see cref="ValidationProbe"/> or
    /// <see cref="PublicProbe"/>.</param>
    /// <param name="samples">How many at most; 0 = all.</param>
    protected static SampleSet ProbeOf(Learner me, string probe, int samples)
    {
        var all = probe switch
        {
            ValidationProbe => me.Bench.Validation,
            PublicProbe => me.Bench.Public,
            _ => me.Bench.Training,
        };
        return samples == 0 ? all : all.First(samples);
    }

    /// <summary>A place, drawn by shares; any, if they do not add up to a number above 0.</summary>
    /// <param name="stream">Draws.</param>
    /// <param name="shares">Shares, 0 or more each; need not sum to 1.</param>
    protected static int DrawPlace(RandomStream stream, IReadOnlyList<double> shares)
    {
        var sum = shares.Sum();
        if (!(sum > 0) || !double.IsFinite(sum)) return stream.NextInt(shares.Count);
        var drawn = stream.NextDouble() * sum;
        for (var i = 0; i < shares.Count - 1; i++)
        {
            drawn -= shares[i];
            if (drawn < 0) return i;
        }
        return shares.Count - 1;
    }

    /// <summary>
    /// Places of the smallest values, the smallest first; of equal ones the first; what is no number comes last.
    /// </summary>
    /// <param name="values">The values.</param>
    protected static List<int> Ascending(IReadOnlyList<double> values) =>
        [.. Enumerable.Range(0, values.Count)
            .OrderBy(i => double.IsNaN(values[i]) ? double.PositiveInfinity : values[i])];
}

/// <summary>Options of algorithms whose nodes choose partners.</summary>
public abstract record PartnerOptions
{
    /// <summary>Number of partners.</summary>
    [Option("Number k of partners that a node averages with in a round; 0 = all its neighbours. They and the node "
        + "itself count alike, 1/(k + 1) each, whatever the topology's weights.",
        Min = 0, Max = 1_000_000)]
    public int Partners { get; init; } = 2;
}
