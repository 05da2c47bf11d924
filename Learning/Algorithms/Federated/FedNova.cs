using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Federated averaging of normalised changes: a node that takes more steps does not pull harder.</summary>
/// <remarks>
/// Wang et al. 2020, section 4. A node sends its change divided by ‖aᵢ‖₁, what its τᵢ steps weigh: τᵢ without momentum,
/// Σₖ (1 − ρᵏ)/(1 − ρ) with momentum ρ, Σₖ (1 − ημ)ᵏ with a proximal term μ. The mean by numbers of samples pᵢ goes
/// τ_eff far, τ_eff = Σ pᵢ‖aᵢ‖₁, or Σ pᵢτᵢ with a proximal term, as the authors' code has it. Where all take as many
/// steps this is fedavg. Buffers are averaged as they are. On a topology without a server each node does so with its
/// neighbourhood.
/// </remarks>
/// <param name="options">Client fraction and μ.</param>
[Component("fednova", Summary = "Federated averaging of changes that are divided by the steps they took.",
    Source = "Wang et al., Tackling the Objective Inconsistency Problem in Heterogeneous Federated Optimization, "
        + "NeurIPS 2020, arXiv:2007.07481")]
public sealed class FedNova(FedNova.Options options) : FederatedAlgorithm(options), ICheckSettings
{
    private const string Steps = "steps";
    private const string Direction = "fednova.direction";
    private const string Effective = "fednova.effective";

    /// <summary>Options of <see cref="FedNova"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Strength of the proximal term.</summary>
        [Option("Strength μ of the proximal term; 0 = none.", Min = 0, Max = 1000)]
        public double Mu { get; init; }
    }

    /// <inheritdoc/>
    public override PersistentState PersistentState =>
        PersistentState.MemoryWithout(Direction, LearnerState.NameOfNumbers(Effective));

    /// <inheritdoc/>
    public override string MessageSchema => "normalised changes";

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        exchange.Kind == ExchangeKind.Broadcast
            ? new(layout.Length, [])
            : new(layout.Length, [new AuxiliaryVector(Steps, 1, IsExact: true)]);

    /// <inheritdoc/>
    public override LocalObjective Objective(Learner me) =>
        options.Mu == 0 ? LocalObjective.None : new LocalObjective((float)options.Mu, me.RoundStart);

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result)
    {
        var sgd = (Sgd.Options)me.Settings.Optimizer.Options!;
        var norm = Norm(result.Steps, sgd.Momentum, sgd.LearningRate * options.Mu);
        var change = Vectors.Combine(me.Weights, 1, me.RoundStart, -1);
        me.Memory[Direction] = norm == 0 ? ParameterVector.Zeros(me.Layout.Length) : Vectors.Scale(change, 1 / norm);
        me.Remember(Effective, (float)(options.Mu > 0 ? result.Steps : norm));
    }

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) =>
        exchange.Kind == ExchangeKind.Broadcast ? UpdateContent.Other : UpdateContent.Changes;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => exchange.Kind == ExchangeKind.Broadcast
        ? new(me.Weights)
        : new(Sent(me), new Dictionary<string, ParameterVector>
        {
            [Steps] = me.Numbers(Effective) ?? ParameterVector.Zeros(1),
        });

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var mean = received.Mean();
        if (exchange.Kind == ExchangeKind.Broadcast)
        {
            me.Weights = mean;
            return;
        }
        var moved = Vectors.Combine(me.RoundStart, 1, mean, received.Mean(Steps).Span[0]);
        me.Weights = Vectors.WithBuffers(moved, mean, me.Layout);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (!facts.Trainings.All(t => t.Optimizer == "sgd" && (t.Momentum == 0 || (!t.KeepMoments && options.Mu == 0))))
            yield return new ValidationError("", "FedNova knows what the steps of sgd weigh: without momentum, "
                + "or with momentum that begins anew each round and no proximal term; set training.optimizer to sgd, "
                + "and momentum to 0 or training.keepMoments to false and algorithm.mu to 0.");
    }

    /// <summary>‖a‖₁ of a number of steps.</summary>
    internal static double Norm(long steps, double momentum, double shrink)
    {
        if (shrink == 0 && momentum == 0) return steps;
        var (powers, sums) = Series(shrink != 0 ? 1 - shrink : momentum, steps);
        return shrink != 0 ? powers : sums;
    }

    /// <summary>Σ rʲ over j = 0 … n − 1, and the sum of the first n such sums: by doubling n, so that nothing cancels
    /// where r is near 1, as it does in (1 − rⁿ)/(1 − r).</summary>
    private static (double Powers, double Sums) Series(double ratio, long steps)
    {
        var (power, powers, sums, done) = (1.0, 0.0, 0.0, 0L); // ratio^done and both sums
        for (var bit = 62; bit >= 0; bit--)
        {
            sums += power * sums + done * powers;
            powers += power * powers;
            (power, done) = (power * power, 2 * done);
            if ((steps >> bit & 1) == 0) continue;
            powers = 1 + ratio * powers;
            sums += powers;
            (power, done) = (power * ratio, done + 1);
        }
        return (powers, sums);
    }

    private static ParameterVector Sent(Learner me) => Vectors.WithBuffers(me.Recall(Direction), me.Weights, me.Layout);
}
