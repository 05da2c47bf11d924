using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Gossip every few trainings, with weights by which all nodes have the same influence: SWIFT.</summary>
/// <remarks>
/// Bornstein, Rabbani, Wang, Bedi, Huang 2023. A node trains, publishes its model, and after every C_s-th training mixes with the models that its neighbours published last, those in its
/// mailbox. Under the paces <c>virtual</c> (<see cref="WaitFreeSchedule"/>) and <c>free</c> (<see cref="LiveNeighbourSchedule"/>) it waits for nobody: a neighbour that does not publish in a round puts what it published last out
/// again, which stands for the mailbox. In lockstep the latest models are those of the round. Weights are those of client-communication selection for uniform influence: by falling degree, a node shares what its
/// neighbours of higher degree have left of 1 out in equal parts to itself and the others; two of the same degree take the smaller of their parts. They are symmetric. The weight of a
/// neighbour that does not answer stays with the node, as in the variant for low memory. Between two mixings nothing is told.
/// </remarks>
/// <param name="options">Interval.</param>
[Component("swift", Summary = "Gossip every few trainings, with weights by which all nodes have the same influence; under paces virtual and free nodes wait for nobody.",
    Source = "Bornstein et al., SWIFT: Rapid Decentralized Federated Learning via Wait-Free Model Communication, ICLR 2023, arXiv:2210.14026")]
public sealed class Swift(Swift.Options options) : Algorithm
{
    private const string Published = "swift.published";
    private const int Publish = 0; // the first of two exchanges where nodes wait for nobody

    /// <summary>Options of <see cref="Swift"/>.</summary>
    public sealed record Options
    {
        /// <summary>Trainings from one mixing to the next.</summary>
        [Option("Trainings C_s of a node from one mixing to the next; 1 = after each.", Min = 1, Max = 1_000_000)]
        public int Interval { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Drawn];

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology, string pace) =>
        pace != Pace.Lockstep ? [ExchangeKind.Drawn, ExchangeKind.Drawn] : Exchanges(topology);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Paces => [Pace.Lockstep, Pace.Virtual, Pace.Free];

    /// <inheritdoc/>
    public override VirtualSchedule Schedule(VirtualNodes nodes) => new WaitFreeSchedule(nodes, Mixes);

    /// <inheritdoc/>
    public override LiveSchedule Live(LiveNodes nodes) => new LiveNeighbourSchedule(nodes);

    /// <inheritdoc/>
    public override void Trained(Learner me, LocalResult result)
    {
        if (me.WaitsForNobody) me.Memory[Published] = me.Weights;
    }

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => new(me.Memory.GetValueOrDefault(Published) ?? me.Weights);

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, Hearing heard)
    {
        if (!me.WaitsForNobody || exchange.Index != Publish) me.Weights = heard.Mean();
    }

    /// <inheritdoc/>
    public override Rows Draw(Meeting meeting)
    {
        var rows = new Rows();
        var mixing = meeting.Virtual is { } now ? now.Finishes.Where(f => Mixes(f.Trainings)).Select(f => f.Node).ToList() : Mixes(meeting.Round) ? meeting.Ranks : [];
        if (mixing.Count == 0) return rows;
        var neighbours = meeting.Ranks.ToDictionary(i => i, i => meeting.Mixing(i).Select(r => r.Node).Where(j => j != i).ToList());
        if (meeting.Virtual is not null && meeting.Exchange == Publish)
        {
            foreach (var teller in mixing.SelectMany(i => neighbours[i]).Distinct().Where(i => !meeting.Trained(i))) rows.Add(teller, teller);
            return rows;
        }
        var weights = Selection(neighbours);
        foreach (var node in mixing)
        {
            foreach (var other in neighbours[node]) rows.Add(node, other, weights[Pair(node, other)]);
            rows.Add(node, node, 1 - neighbours[node].Sum(other => weights[Pair(node, other)]));
        }
        return rows;
    }

    /// <summary>The weight of each edge, the lower rank first.</summary>
    /// <param name="neighbours">Neighbours of each node; who is another's neighbour has it as one.</param>
    public static Dictionary<(int, int), double> Selection(IReadOnlyDictionary<int, List<int>> neighbours)
    {
        var weights = new Dictionary<(int, int), double>();
        foreach (var peers in neighbours.GroupBy(n => n.Value.Count, n => n.Key).OrderByDescending(g => g.Key))
        {
            var parts = peers.ToDictionary(i => i, i =>
            {
                var given = neighbours[i].Where(j => weights.ContainsKey(Pair(i, j))).ToList();
                return (1 - given.Sum(j => weights[Pair(i, j)])) / (neighbours[i].Count - given.Count + 1);
            });
            foreach (var (node, part) in parts)
                foreach (var other in neighbours[node].Where(j => neighbours[j].Count <= peers.Key))
                    weights[Pair(node, other)] = parts.TryGetValue(other, out var others) ? Math.Min(part, others) : part;
        }
        return weights;
    }

    /// <inheritdoc/>
    public override IEnumerable<Fault> Check(Experiment experiment) => base.Check(experiment).Concat(CheckSchedule(experiment));

    /// <summary>Whether a node mixes after a training, by the number of those before it.</summary>
    private bool Mixes(int trainings) => (trainings + 1) % options.Interval == 0;

    private static (int, int) Pair(int a, int b) => (Math.Min(a, b), Math.Max(a, b));
}
