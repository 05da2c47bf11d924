using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>How a node learns from its data and from what it hears: train, then once an exchange compose and combine.</summary>
/// <remarks>
/// Stateless: whatever an algorithm remembers of a node is in that node's <see cref="Learner"/>, where checkpoints and
/// tests see it. All hooks have defaults; an algorithm is the few that differ.
/// </remarks>
public abstract class Algorithm : ICheckExperiment
{
    /// <summary>Names of the vectors that nodes tell each other besides their weights.</summary>
    public virtual IReadOnlyList<string> Extras => [];

    /// <summary>Share of the nodes that train in a round (C of McMahan et al. 2017).</summary>
    public virtual double ClientFraction => 1;

    /// <summary>Whether <see cref="Combine"/> needs the means of what was heard only, so that silos may sum it up on the way.</summary>
    public virtual bool Mergeable => true;

    /// <summary>Whether the data of all nodes are pooled at the hub, which alone trains.</summary>
    public virtual bool Pooled => false;

    /// <summary>The exchanges of a round, in order.</summary>
    /// <param name="topology">The experiment's topology.</param>
    public abstract IReadOnlyList<ExchangeKind> Exchanges(Topology topology);

    /// <summary>What is added to the loss in this round's training.</summary>
    /// <param name="me">The node, before it trains.</param>
    public virtual LocalTerms Terms(Learner me) => LocalTerms.None;

    /// <summary>Takes note of what training gave; <paramref name="me"/> already holds the trained weights.</summary>
    /// <param name="me">The node.</param>
    /// <param name="result">What training gave.</param>
    public virtual void Trained(Learner me, LocalResult result) { }

    /// <summary>What the node tells in an exchange.</summary>
    /// <param name="me">The node.</param>
    /// <param name="exchange">Which kind of exchange.</param>
    public virtual Update Compose(Learner me, ExchangeKind exchange) => new(me.Weights);

    /// <summary>Makes something of what was heard; by default the weighted mean becomes the node's weights.</summary>
    /// <param name="me">The node.</param>
    /// <param name="exchange">Which kind of exchange.</param>
    /// <param name="heard">At least one update; the node's own among them if its row holds it.</param>
    public virtual void Combine(Learner me, ExchangeKind exchange, Hearing heard) => me.Weights = heard.Mean();

    /// <inheritdoc/>
    public virtual IEnumerable<Fault> Check(Experiment experiment)
    {
        for (var i = 0; i < experiment.NodeOverrides.Count; i++)
        {
            if (experiment.NodeOverrides[i].Algorithm is not { } other) continue;
            var algorithm = other.Create();
            if (algorithm.ClientFraction < 1 && algorithm.ClientFraction != ClientFraction)
                yield return new Fault($"$.nodeOverrides[{i}].algorithm.clientFraction",
                    "The share of nodes that train is the experiment's; set algorithm.clientFraction there and leave it out here.");
            if (algorithm is Isolated && experiment.Topology.Create().Hub is { } hub && experiment.NodeOverrides[i].Nodes.Contains(hub))
                yield return new Fault($"$.nodeOverrides[{i}].nodes",
                    $"Node {hub} is the hub: isolated, it would spread its own model as everybody's. Leave it out.");
            if (algorithm.Pooled || Pooled || !algorithm.Extras.SequenceEqual(Extras))
                yield return new Fault($"$.nodeOverrides[{i}].algorithm",
                    $"'{other.Name}' and '{experiment.Algorithm.Name}' do not tell each other the same vectors, so their nodes cannot mix; "
                    + "override with an algorithm that exchanges weights alone, such as fedavg, fedprox, gossip or isolated.");
        }
    }
}

/// <summary>Who hears whom in an exchange, and how what is heard is weighed.</summary>
public enum ExchangeKind
{
    /// <summary>Each node hears itself and its neighbours, by the topology's mixing weights.</summary>
    Neighbours,

    /// <summary>Like <see cref="Neighbours"/>, each weight times the number of samples of the node that is heard.</summary>
    NeighboursBySamples,

    /// <summary>The hub hears those that trained, by their number of samples.</summary>
    GatherBySamples,

    /// <summary>The hub hears those that trained, all alike.</summary>
    Gather,

    /// <summary>Each node hears the hub.</summary>
    Broadcast,

    /// <summary>
    /// Like <see cref="Neighbours"/>, but what each node tells is shared out: the weights of one teller, over its hearers and itself, sum to one, and a
    /// hearer's row sums to what it gets (column-stochastic, for push-sum on directed graphs). Take weighted sums, not means.
    /// </summary>
    NeighboursByShares,
}
