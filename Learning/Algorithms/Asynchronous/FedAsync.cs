using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Asynchronous;

/// <summary>
/// Asynchronous federated optimisation: each model that comes is mixed into the server's at once, the less the
/// staler it is.
/// </summary>
/// <remarks>
/// Xie, Koyejo, Gupta 2019, Algorithm 1: x ← (1 − α·s(τ))·x + α·s(τ)·x_new, where x_new minimises the loss plus
/// (ρ/2)·‖x − x_start‖². The staleness τ counts the models that the server made while the node trained, 0 for none.
/// s is 1 (constant), (τ + 1)^-a (polynomial), or 1 up to b and 1/(a·(τ − b) + 1) above (hinge). Defaults are those
/// of the paper's CIFAR-10 experiments: α = 0.6, ρ = 0.005, a = 0.5 (polynomial), a = 10 and b = 4 (hinge). The paper
/// lowers α once on the way; here it stays.
/// </remarks>
/// <param name="options">α, s, ρ, concurrency.</param>
[Component("fedasync", Summary = "Asynchronous federated optimisation: "
    + "each model that comes is mixed into the server's at once, the less the staler it is.",
    Source = "Xie et al., Asynchronous Federated Optimization, OPT 2020 (NeurIPS workshop), arXiv:1903.03934, "
        + "Algorithm 1")]
public sealed class FedAsync(FedAsync.Options options) : AsynchronousServer(options)
{
    private const string Constant = "constant", Polynomial = "polynomial", Hinge = "hinge";

    /// <summary>Options of <see cref="FedAsync"/>.</summary>
    public sealed record Options : AsynchronousOptions
    {
        /// <summary>Share of a model that comes in the server's next one.</summary>
        [Option("Share α of a model that comes, if it is not stale, in the server's next one.",
            Min = 0, Max = 1, AboveMin = true)]
        public double Alpha { get; init; } = 0.6;

        /// <summary>How α falls with staleness.</summary>
        [Option("How α falls with the staleness τ, the number of models that the server made while the node trained: "
            + "constant = not; polynomial = times (τ + 1)^-a; hinge = times 1/(a·(τ − b) + 1) above b. "
            + "With τ = 0 it is α in each case: s(0) = 1.", Values = [Constant, Polynomial, Hinge])]
        public string Staleness { get; init; } = Polynomial;

        /// <summary>Exponent of the polynomial.</summary>
        [Option("Exponent a of the polynomial.", Min = 0, Max = 10)]
        public double Exponent { get; init; } = 0.5;

        /// <summary>Slope of the hinge.</summary>
        [Option("Slope a of the hinge.", Min = 0, Max = 1000)]
        public double HingeSlope { get; init; } = 10;

        /// <summary>Staleness from which the hinge falls.</summary>
        [Option("Staleness b up to which the hinge takes nothing off.", Min = 0, Max = 1_000_000)]
        public int HingeStart { get; init; } = 4;

        /// <summary>Strength of the proximal term.</summary>
        [Option("Strength ρ of the term that holds the training near the model it began with; 0 = none.",
            Min = 0, Max = 1000)]
        public double Rho { get; init; } = 0.005;
    }

    /// <inheritdoc/>
    public override string MessageSchema => "models of some age";

    /// <inheritdoc/>
    protected override int Updates => 1;

    /// <inheritdoc/>
    public override LocalObjective Objective(Learner me) =>
        options.Rho == 0 ? LocalObjective.None : new LocalObjective((float)options.Rho, StartOf(me));

    /// <inheritdoc/>
    protected override double WeightOf(int staleness) => options.Alpha * (options.Staleness switch
    {
        Polynomial => Math.Pow(staleness + 1, -options.Exponent),
        Hinge when staleness > options.HingeStart => 1 / (options.HingeSlope * (staleness - options.HingeStart) + 1),
        _ => 1,
    });

    /// <inheritdoc/>
    protected override ParameterVector UpdateOf(Learner me) => me.Weights;

    /// <inheritdoc/>
    protected override ParameterVector Next(Learner me, ReceivedUpdates received)
    {
        var update = received.Updates[0]; // a round of one update
        return Vectors.Combine(me.RoundStart, 1 - update.Weight, update.Update.Weights, update.Weight);
    }
}
