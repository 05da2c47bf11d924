using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>
/// BatchNorm: each channel is shifted and scaled to mean 0 and variance 1 over a batch, then by a learnt factor and
/// offset.
/// </summary>
/// <remarks>
/// Ioffe, Szegedy 2015, arXiv:1502.03167. In tests running statistics take the place of the batch's; they move by a
/// tenth a batch, and their variance is the unbiased one.
/// </remarks>
/// <param name="Name">State-dict name.</param>
public sealed record BatchNorm(string Name) : Layer(Name)
{
    /// <summary>ε, which is added to variances.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>Share of a batch in the running statistics.</summary>
    public const double Momentum = 0.1;

    /// <inheritdoc/>
    public override IEnumerable<LayerTensor> TensorsOf(SampleShape input, int outputs) =>
    [
        new($"{Name}.weight", [input.Sizes[0]], TensorKind.Parameter),
        new($"{Name}.bias", [input.Sizes[0]], TensorKind.Parameter),
        new($"{Name}.running_mean", [input.Sizes[0]], TensorKind.Buffer),
        new($"{Name}.running_var", [input.Sizes[0]], TensorKind.Buffer),
        new($"{Name}.num_batches_tracked", [], TensorKind.Counter),
    ];
}

/// <summary>
/// GroupNorm: groups of channels are shifted and scaled to mean 0 and variance 1 over a sample's pixels, then each
/// channel by a learnt factor and offset.
/// </summary>
/// <remarks>Wu, He 2018, arXiv:1803.08494. It keeps no statistics: training and tests are the same.</remarks>
/// <param name="Name">State-dict name.</param>
/// <param name="Groups">Groups, a divisor of the channels.</param>
public sealed record GroupNorm(string Name, int Groups) : Layer(Name)
{
    /// <summary>ε, which is added to variances.</summary>
    public const double Epsilon = 1e-5;

    /// <inheritdoc/>
    public override IEnumerable<LayerTensor> TensorsOf(SampleShape input, int outputs) =>
    [
        new($"{Name}.weight", [input.Sizes[0]], TensorKind.Parameter),
        new($"{Name}.bias", [input.Sizes[0]], TensorKind.Parameter),
    ];
}
