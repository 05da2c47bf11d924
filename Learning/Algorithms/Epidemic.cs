using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Each round each node sends its model to a few random others, and averages what arrives with its own.</summary>
/// <remarks>
/// De Vos et al. 2023, Algorithm 1. EL-Local: each node draws its s hearers by itself, so that some hear more than others. EL-Oracle: hearers are drawn together,
/// and each node sends to s and hears s (<see cref="RegularDigraph"/>). All that is heard counts alike. The topology is not used.
/// </remarks>
/// <param name="options">Variant and s.</param>
[Component("epidemic", Summary = "Each node sends its model to a few random others each round, and averages what arrives with its own.", Aliases = ["epidemic-learning", "el"],
    Source = "De Vos et al., Epidemic Learning: Boosting Decentralized Learning with Randomized Communication, NeurIPS 2023, arXiv:2310.01972, Algorithm 1")]
public sealed class Epidemic(Epidemic.Options options) : Algorithm
{
    private const string Oracle = "oracle";
    private const string Local = "local";

    /// <summary>Options of <see cref="Epidemic"/>.</summary>
    public sealed record Options
    {
        /// <summary>Who draws.</summary>
        [Option("oracle = all together, so that each node sends and hears as many models; local = each node its own hearers.", Values = [Oracle, Local])]
        public string Variant { get; init; } = Oracle;

        /// <summary>Number of nodes that hear each node.</summary>
        [Option("Number s of nodes that hear each node; 0 = log₂ of the number of nodes, rounded up.", Min = 0, Max = 1_000_000)]
        public int Hearers { get; init; }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Drawn];

    /// <inheritdoc/>
    public override Rows Draw(Meeting meeting)
    {
        var rows = new Rows();
        var ranks = meeting.Ranks;
        var count = Math.Min(HearersOf(ranks.Count), ranks.Count - 1);
        foreach (var node in ranks.Where(meeting.Trained)) rows.Add(node, node);
        if (options.Variant == Oracle) DrawTogether(meeting, rows, count);
        else
            for (var i = 0; i < ranks.Count; i++)
                if (meeting.Trained(ranks[i])) DrawAlone(meeting, rows, i, count);
        return rows;
    }

    /// <inheritdoc/>
    public override IEnumerable<Fault> Check(Experiment experiment) => options.Hearers > experiment.Nodes - 1
        ? base.Check(experiment).Append(new Fault("hearers",
            $"A node cannot send to {options.Hearers} others where there are {experiment.Nodes - 1}; set hearers to {experiment.Nodes - 1} or less, or to 0."))
        : base.Check(experiment);

    private int HearersOf(int nodes) => options.Hearers > 0 ? options.Hearers : (int)Math.Ceiling(Math.Log2(nodes));

    private static void DrawTogether(Meeting meeting, Rows rows, int count)
    {
        var hearers = RegularDigraph.Draw(meeting.Ranks.Count, count, meeting.Stream("epidemic/oracle"));
        for (var i = 0; i < hearers.Length; i++)
            foreach (var hearer in hearers[i])
                Hear(meeting, rows, meeting.Ranks[hearer], meeting.Ranks[i]);
    }

    private static void DrawAlone(Meeting meeting, Rows rows, int place, int count)
    {
        var me = meeting.Ranks[place];
        foreach (var other in meeting.Stream("epidemic/local", me).Permutation(meeting.Ranks.Count - 1)[..count])
            Hear(meeting, rows, meeting.Ranks[other < place ? other : other + 1], me);
    }

    private static void Hear(Meeting meeting, Rows rows, int hearer, int teller)
    {
        if (meeting.Trained(teller)) rows.Add(hearer, teller);
    }
}
