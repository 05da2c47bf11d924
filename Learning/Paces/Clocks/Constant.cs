using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>The same number everywhere.</summary>
/// <param name="options">The number.</param>
[Component("constant", Summary = "The same number everywhere.")]
public sealed class Constant(Constant.Options options) : Distribution(eachTime: false)
{
    /// <summary>Options of <see cref="Constant"/>.</summary>
    public sealed record Options
    {
        /// <summary>The number.</summary>
        [Option("The number.", Min = 0, Max = 1e12)]
        public double Value { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override bool CanBeZero => options.Value == 0;

    /// <inheritdoc/>
    public override double Draw(int node, RandomStream stream) => options.Value;
}
