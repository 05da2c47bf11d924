using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Federated averaging, and beside it a model of each node's own that is held near the shared one.</summary>
/// <remarks>
/// Li et al. 2021, Algorithm 1: the shared model is trained and averaged as in fedavg; the own one, v, descends
/// g(v) + λ(v − w) from where it stood, w the shared model at the round's start, on the same batches. The own model is
/// tested and recorded; its optimiser begins anew each round.
/// </remarks>
/// <param name="options">Client fraction and λ.</param>
[Component("ditto",
    Summary = "Federated averaging, and beside it a model of each node's own that is held near the shared one; "
        + "it begins as the shared one of the round in which its node first trains.",
    Source = "Li et al., Ditto: Fair and Robust Federated Learning Through Personalization, ICML 2021, "
        + "arXiv:2012.04221, Algorithm 1")]
public sealed class Ditto(Ditto.Options options) : FederatedAlgorithm(options)
{
    private const string Own = "ditto.own";

    /// <summary>Options of <see cref="Ditto"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>How strongly the own model is held near the shared one.</summary>
        [Option("How strongly (λ) the own model is held near the shared one; 0 = not at all.", Min = 0, Max = 1000)]
        public double Lambda { get; init; } = 1;

        /// <summary>Passes over the samples for the own model.</summary>
        [Option("Passes over the node's samples for its own model; 0 = as many steps as the shared one.",
            Min = 0, Max = 100_000)]
        public int OwnEpochs { get; init; }
    }

    /// <inheritdoc/>
    public override LocalResult Train(Learner me)
    {
        var shared = base.Train(me);
        me.Memory[Own] = me.Bench.Train(new TrainingTask(me.Memory.GetValueOrDefault(Own) ?? me.RoundStart)
        {
            Objective = options.Lambda == 0 ? LocalObjective.None : new((float)options.Lambda, me.RoundStart),
            Settings = options.OwnEpochs == 0 ? null : me.Settings with { Epochs = options.OwnEpochs, Steps = 0 },
        }).Weights;
        return shared;
    }

    /// <inheritdoc/>
    public override ParameterVector Tested(Learner me) => me.Memory.GetValueOrDefault(Own) ?? me.Weights;
}
