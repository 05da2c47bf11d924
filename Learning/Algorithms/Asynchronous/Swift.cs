using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Paces.Schedules;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Asynchronous;

/// <summary>Gossip every few trainings, with weights by which all nodes have the same influence: SWIFT.</summary>
/// <remarks>
/// Bornstein, Rabbani, Wang, Bedi, Huang 2023. A node trains, publishes its model, and after every C_s-th training
/// mixes with the models that its neighbours published last, those in its mailbox. Under the paces
/// <c>simulated-time</c> (<see cref="WaitFreeSchedule"/>) and <c>asynchronous</c> (<see cref="LiveNeighbourSchedule"/>)
/// it waits for nobody: a neighbour that does not publish in a round sends its last published model again, which stands
/// for the mailbox. In synchronous rounds the latest models are those of the round. Weights are those of
/// client-communication selection for uniform influence: by falling degree, a node shares what its neighbours of higher
/// degree have left of 1 out in equal parts to itself and the others; two of the same degree take the smaller of their
/// parts. They are symmetric. The weight of a neighbour that does not answer stays with the node. Between two mixings
/// nothing is sent. In the variants for low memory a node keeps no mailbox, and mixes with what came since it mixed
/// last; here nobody keeps one anyway, so they differ in the models alone, and updates that are left out still count as
/// sent. Renormalised weights are the authors' boost, a factor of (d + 1)/(r + 1) for r of d neighbours, where all
/// weigh alike.
/// </remarks>
/// <param name="options">Interval.</param>
[Component("swift", Summary = "Gossip every few trainings, with weights by which all nodes have the same influence; "
    + "under paces simulated-time and asynchronous nodes wait for nobody.",
    Source = "Bornstein et al., SWIFT: Rapid Decentralized Federated Learning via Wait-Free Model Communication, "
        + "ICLR 2023, arXiv:2210.14026")]
public sealed class Swift(Swift.Options options) : Algorithm, IAsynchronousAlgorithm, ISamplePeers
{
    private const string Latest = "latest", Arrived = "arrived", Renormalised = "renormalised";
    private const string Published = "swift.published";
    private const string Trainings = "swift.trainings";
    private const string ReceivedFrom = "swift.received"; // of neighbours, rank and trainings, two by two
    private const string Count = "trainings";
    private const int Publish = 0; // the first of two exchanges where nodes wait for nobody

    /// <summary>Options of <see cref="Swift"/>.</summary>
    public sealed record Options
    {
        /// <summary>Trainings from one mixing to the next.</summary>
        [Option("Trainings C_s of a node from one mixing to the next; 1 = after each.", Min = 1, Max = 1_000_000)]
        public int Interval { get; init; } = 1;

        /// <summary>Which of its neighbours' models a node mixes with.</summary>
        [Option("Models of neighbours that a node mixes with: latest = what each published last, however old; "
            + "arrived = what came since it mixed last, the weight of the others being its own; "
            + "renormalised = the same, their weight being shared by those that came and itself. "
            + "The last two are the paper's variants for low memory.", Values = [Latest, Arrived, Renormalised])]
        public string Mailbox { get; init; } = Latest;
    }

    private bool Remembers => options.Mailbox != Latest;

    /// <inheritdoc/>
    public override Requirements Requires =>
        new() { EachUpdate = Remembers, Paces = [Pace.Synchronous, Pace.SimulatedTime, Pace.Asynchronous] };

    /// <inheritdoc/>
    public override string MessageSchema => Remembers ? "models, and how many trainings they are of" : WeightsOnly;

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        Remembers ? new(layout.Length, [new AuxiliaryVector(Count, 1, IsExact: true)]) : base.Shape(layout, exchange);

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public IReadOnlyList<ExchangeKind> ScheduledExchanges(Topology topology) =>
        [ExchangeKind.SampledPeers, ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public RoundSchedule Schedule(ScheduledNodes nodes) => new WaitFreeSchedule(nodes, Mixes);

    /// <inheritdoc/>
    public LiveSchedule Live(LiveNodes nodes) => new LiveNeighbourSchedule(nodes);

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result)
    {
        if (me.IsAsynchronous) me.Memory[Published] = me.Weights;
        if (Remembers) me.Remember(Trainings, TrainingsOf(me) + 1);
    }

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange)
    {
        var published = me.Memory.GetValueOrDefault(Published) ?? me.Weights;
        return Remembers
            ? new(published,
                new Dictionary<string, ParameterVector> { [Count] = ParameterVector.Own([TrainingsOf(me)]) })
            : new(published);
    }

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        if (me.IsAsynchronous && exchange.Index == Publish) return;
        me.Weights = (Remembers ? ReceivedUpdates.Of(Came(me, received.Updates)) : received).Mean();
    }

    /// <summary>
    /// Of what was received, what came since the node mixed last, and its own; weighed as the variant for low
    /// memory says.
    /// </summary>
    private ReceivedUpdate[] Came(Learner me, IReadOnlyList<ReceivedUpdate> received)
    {
        var before = me.Numbers(ReceivedFrom)?.Span.ToArray().Chunk(2)
            .ToDictionary(pair => (int)pair[0], pair => pair[1]) ?? [];
        var others = received.Where(h => h.Node != me.Index).ToList();
        var missing = others
            .Where(h => h.Update.AuxiliaryVectors[Count].Span[0] == before.GetValueOrDefault(h.Node)).ToHashSet();
        me.Remember(ReceivedFrom,
            [.. others.SelectMany(h => new[] { h.Node, h.Update.AuxiliaryVectors[Count].Span[0] })]);
        var lost = options.Mailbox == Arrived ? missing.Sum(h => h.Weight) : 0;
        return [.. received.Where(h => !missing.Contains(h))
            .Select(h => h.Node == me.Index ? h with { Weight = h.Weight + lost } : h)];
    }

    private static float TrainingsOf(Learner me) => me.Numbers(Trainings)?.Span[0] ?? 0;

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        var mixing = context.Scheduled is { } now
            ? now.Finishes.Where(f => Mixes(f.Trainings)).Select(f => f.Node).ToList()
            : Mixes(context.Round) ? context.Ranks : [];
        if (mixing.Count == 0) return rows;
        var neighbours = context.Ranks.ToDictionary(i => i,
            i => context.Mixing(i).Select(r => r.Node).Where(j => j != i).ToList());
        if (context.Scheduled is not null && context.Exchange == Publish)
        {
            foreach (var sender in mixing.SelectMany(i => neighbours[i]).Distinct().Where(i => !context.Trained(i)))
                rows.Add(sender, sender);
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
                    weights[Pair(node, other)] = parts.TryGetValue(other, out var others)
                        ? Math.Min(part, others)
                        : part;
        }
        return weights;
    }

    /// <summary>Whether a node mixes after a training, by the number of those before it.</summary>
    private bool Mixes(int trainings) => (trainings + 1) % options.Interval == 0;

    private static (int, int) Pair(int a, int b) => (Math.Min(a, b), Math.Max(a, b));
}
