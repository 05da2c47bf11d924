using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Plans;

/// <summary>A share of the members is sampled anew for each round; the others are idle, and hold no model
/// meanwhile.</summary>
/// <remarks>
/// The server is never idle, and alone is tested. A node that trains first receives the server's model of the round
/// before; no other node does. Nodes that are tested on samples of their own are never idle: their rounds are those of
/// <see cref="SynchronousProtocol"/>.
/// </remarks>
internal sealed class SampledProtocol(Plan plan) : RoundProtocol(plan)
{
    private readonly ClientSample _sample = ClientSample.Of(plan)!;

    /// <summary>Whether nobody needs the nodes that do not train: see
    /// <see cref="Algorithm.PersistentState"/>.</summary>
    public static bool Fits(Plan plan) =>
        plan.Main.Requires.ClientFraction < 1 && plan.Exchanges is [.., ExchangeKind.Broadcast]
        && plan.Algorithms.All(a => !a.PersistentState.HasModel) && !plan.NodesAreTested && plan.KeepsServer;

    /// <inheritdoc/>
    public override bool HasIdleNodes => true;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Participants(int round) => _sample.Of(round).WithServer;

    /// <inheritdoc/>
    public override IEnumerable<int> CatchingUp(int round) =>
        round > 0 ? Participants(round).Where(n => n != ServerOf(round)) : [];

    /// <inheritdoc/>
    public override bool Trains(int node, int round) => _sample.Of(round).Has(node);

    /// <inheritdoc/>
    public override IEnumerable<int> Trainers(int round) => _sample.Of(round).Ranks;

    /// <inheritdoc/>
    public override bool Tests(int node, int round) => node == ServerOf(round);

    /// <inheritdoc/>
    public override IReadOnlyList<int> Holders(int round) => [ServerOf(round)];

    /// <inheritdoc/>
    public override bool DropsModel(int node, int round) => node != ServerOf(round);

    /// <inheritdoc/>
    public override LearnerState? StateWhenIdle(int node, LearnerState state)
    {
        var persistent = Plan.AlgorithmOf(node).PersistentState;
        var kept = state.Memory.Where(m => persistent.Holds(m.Key)).ToDictionary();
        return kept.Count == 0 && state.Optimizer == OptimizerState.Fresh ? null : state with
        {
            Weights = Plan.InitialWeights,
            RoundStart = Plan.InitialWeights,
            Memory = new SortedDictionary<string, ParameterVector>(kept, StringComparer.Ordinal),
        };
    }

    /// <inheritdoc/>
    public override string? Refusal(MembershipChange change)
    {
        var server = ServerOf(change.Round - 1);
        return !change.Remove.Contains(server)
            ? null
            : $"Node {server} is the server, and alone holds the model while the others are idle, so it cannot leave a "
                + "run under way. If it is to leave, say so in the experiment's membership before the start.";
    }

    /// <inheritdoc/>
    private protected override RoundProtocol For(Plan plan) => new SampledProtocol(plan);

    private int ServerOf(int round) => Plan.Members(round).Server;
}
