using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>Each number between two is as likely as any other.</summary>
/// <param name="options">The two, and how often it is drawn.</param>
[Component("uniform", Summary = "Each number between two is as likely as any other.")]
public sealed class Uniform(Uniform.Options options) : Distribution(options.EachTime), ICheckSettings
{
    /// <summary>Options of <see cref="Uniform"/>.</summary>
    public sealed record Options : RandomOptions
    {
        /// <summary>The least.</summary>
        [Option("The least.", Min = 0, Max = 1e12)]
        public double Min { get; init; }

        /// <summary>The most.</summary>
        [Option("The most.", Min = 0, Max = 1e12)]
        public double Max { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override bool CanBeZero => options.Max == 0;

    /// <inheritdoc/>
    public override double Draw(int node, RandomStream stream) =>
        options.Min + (options.Max - options.Min) * stream.NextDouble();

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts) => options.Min <= options.Max
        ? []
        : [new ValidationError("min", $"The least, {options.Min}, is above the most, {options.Max}; exchange them.")];
}
