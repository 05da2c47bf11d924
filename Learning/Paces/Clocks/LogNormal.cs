using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>Its logarithm is normal: half are below the median, some far above it, as speeds of devices are.</summary>
/// <param name="options">Median and spread, and how often it is drawn.</param>
[Component("log-normal", Summary = "Its logarithm is normal: half are below the median, some far above it.")]
public sealed class LogNormal(LogNormal.Options options) : Distribution(options.EachTime)
{
    /// <summary>Options of <see cref="LogNormal"/>.</summary>
    public sealed record Options : RandomOptions
    {
        /// <summary>The median.</summary>
        [Option("The median.", Min = 0, Max = 1e12, AboveMin = true)]
        public double Median { get; init; } = 1;

        /// <summary>Standard deviation of the logarithm.</summary>
        [Option("Standard deviation σ of the natural logarithm; two thirds are between median·e^-σ and median·e^σ.",
            Min = 0, Max = 5)]
        public double Sigma { get; init; } = 0.5;
    }

    /// <inheritdoc/>
    public override double Draw(int node, RandomStream stream) =>
        options.Median * Math.Exp(options.Sigma * stream.NextNormal());
}
