using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Optimizers;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>How a node trains in a round.</summary>
public sealed record TrainingSettings
{
    /// <summary>Passes over the node's samples in a round (E of McMahan et al. 2017).</summary>
    [Option("Passes over the node's samples in a round (E); not used when steps is set.", Min = 1, Max = 100_000)]
    public int Epochs { get; init; } = 1;

    /// <summary>Optimiser steps in a round; 0 means that <see cref="Epochs"/> counts.</summary>
    [Option("Optimiser steps in a round, whatever the number of samples; 0 = epochs count.",
        Min = 0, Max = 100_000_000)]
    public int Steps { get; init; }

    /// <summary>Samples a step (B of McMahan et al. 2017); 0 means all samples of the node.</summary>
    [Option("Samples a step (B); the last batch of an epoch may be smaller; 0 = all samples of the node.",
        Min = 0, Max = 1_000_000)]
    public int BatchSize { get; init; } = 32;

    /// <summary>The rule that turns gradients into steps.</summary>
    [Option("The rule that turns gradients into steps.")]
    public Component<Optimizer> Optimizer { get; init; } = new("sgd", new Sgd.Options());

    /// <summary>What trains and tests the network.</summary>
    [Option("What trains and tests the network: dense = our own kernels, with the same bits on any processor; "
        + "torch = libtorch; batched = libtorch for several nodes at once (cnn, mlp, logistic-regression), mostly "
        + "slower on a processor; auto = dense on cpu where the algorithm allows it, else torch.",
        Values = [EngineChoice.Auto, EngineChoice.Dense, EngineChoice.Torch, EngineChoice.Batched])]
    public string Engine { get; init; } = EngineChoice.Auto;

    /// <summary>Nodes that the batched engine trains at once on a lane, at most.</summary>
    [Option("Nodes that the batched engine trains at once on a lane, at most; "
        + "results do not depend on it, memory and time do.", Min = 1, Max = 1024)]
    public int NodesAtOnce { get; init; } = 16;

    /// <summary>What numbers forward and backward pass compute with.</summary>
    [Option("What numbers forward and backward pass compute with: float32, or bfloat16 with float32 weights that the "
        + "optimizer moves. Tests, moments and what is sent are float32 always; bfloat16 needs libtorch.",
        Values = [TensorFormat.Full, TensorFormat.BFloat16])]
    public string Precision { get; init; } = TensorFormat.Full;

    /// <summary>How images lie in memory while a network is trained.</summary>
    [Option("How images lie in memory while a network is trained: "
        + "contiguous = channel after channel, channels-last = pixel after pixel; channels-last needs libtorch.",
        Values = [TensorFormat.Contiguous, TensorFormat.ChannelsLast])]
    public string MemoryFormat { get; init; } = TensorFormat.Contiguous;

    /// <summary>Whether the optimiser's moments are kept from one round to the next.</summary>
    [Option("Whether the optimiser's moments are kept from one round to the next.")]
    public bool KeepMoments { get; init; } = true;

    /// <summary>Share of the node's samples that is held out for validation.</summary>
    [Option("Share of the node's samples held out for validation (rounded down).", Min = 0, Max = 1, BelowMax = true)]
    public double ValidationFraction { get; init; }

    /// <summary>Samples that a round's training goes over, counted once an epoch.</summary>
    /// <param name="samples">Number of the node's training samples.</param>
    public long SamplesOf(int samples) =>
        Steps == 0 ? (long)Epochs * samples : Steps * (long)(BatchSize == 0 ? samples : Math.Min(BatchSize, samples));
}
