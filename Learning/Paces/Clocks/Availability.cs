using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>When nodes are there.</summary>
public abstract class Availability
{
    /// <summary>
    /// For one node: the first moment from a time on at which it is there, in seconds. Asked with times that
    /// never go back.
    /// </summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="seeds">The run's randomness.</param>
    public abstract Func<double, double> Of(int node, Seeds seeds);
}

/// <summary>Nodes are always there.</summary>
[Component("always", Summary = "Nodes are always there.")]
public sealed class Always : Availability
{
    /// <inheritdoc/>
    public override Func<double, double> Of(int node, Seeds seeds) => time => time;
}

/// <summary>Nodes come and go at random, each for itself.</summary>
/// <param name="options">How long they stay, and stay away.</param>
[Component("on-off", Summary = "Nodes come and go at random, each for itself; all are there at the beginning.")]
public sealed class OnOff(OnOff.Options options) : Availability
{
    /// <summary>Options of <see cref="OnOff"/>.</summary>
    public sealed record Options
    {
        /// <summary>Mean seconds that a node is there.</summary>
        [Option("Seconds that a node is there, in the mean; exponentially distributed.", Min = 1, Max = 1e9)]
        public double On { get; init; } = 600;

        /// <summary>Mean seconds that it is away.</summary>
        [Option("Seconds that it is away, in the mean; exponentially distributed.", Min = 1, Max = 1e9)]
        public double Off { get; init; } = 300;
    }

    /// <inheritdoc/>
    public override Func<double, double> Of(int node, Seeds seeds)
    {
        var stream = seeds.Stream("pace/availability", node);
        var (comes, goes) = (0.0, Exponential.Draw(options.On, stream));
        return time =>
        {
            while (goes <= time)
            {
                comes = goes + Exponential.Draw(options.Off, stream);
                goes = comes + Exponential.Draw(options.On, stream);
            }
            return Math.Max(comes, time);
        };
    }
}
