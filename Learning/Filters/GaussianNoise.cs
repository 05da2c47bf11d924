using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Filters;

/// <summary>Adds noise to each trainable value.</summary>
/// <param name="options">How much.</param>
[Component("gaussian-noise", Summary = "Adds independent Gaussian noise to each trainable value; "
    + "no privacy is claimed for it, for its numbers follow from the seed.")]
public sealed class GaussianNoise(GaussianNoise.Options options) : UpdateFilter
{
    /// <summary>Options of gaussian-noise.</summary>
    public sealed record Options
    {
        /// <summary>Standard deviation.</summary>
        [Option("Standard deviation of the noise.", Min = 0, Max = 1e6)]
        public double Std { get; init; } = 0.01;
    }

    /// <inheritdoc/>
    public override ParameterVector Apply(ParameterVector vector, UpdateContext context)
    {
        var (values, stream) = (vector.Span.ToArray(), context.Stream());
        for (var i = 0; i < context.Trainable; i++) values[i] = (float)(values[i] + options.Std * stream.NextNormal());
        return ParameterVector.Own(values);
    }
}
