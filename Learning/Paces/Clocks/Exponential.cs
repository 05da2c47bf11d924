using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>Waiting times without memory: many short ones, a few long ones.</summary>
/// <param name="options">Mean, and how often it is drawn.</param>
[Component("exponential", Summary = "Waiting times without memory: many short ones, a few long ones.")]
public sealed class Exponential(Exponential.Options options) : Distribution(options.EachTime)
{
    /// <summary>Options of <see cref="Exponential"/>.</summary>
    public sealed record Options : RandomOptions
    {
        /// <summary>The mean.</summary>
        [Option("The mean.", Min = 0, Max = 1e12, AboveMin = true)]
        public double Mean { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override double Draw(int node, RandomStream stream) => Draw(options.Mean, stream);

    /// <summary>A number above 0 of some mean.</summary>
    internal static double Draw(double mean, RandomStream stream)
    {
        double u;
        do u = stream.NextDouble();
        while (u == 0);
        return -mean * Math.Log(u);
    }
}
