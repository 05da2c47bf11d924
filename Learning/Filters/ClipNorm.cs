using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Filters;

/// <summary>Shortens changes that are longer than a bound.</summary>
/// <param name="options">The bound.</param>
[Component("clip-norm", Summary = "Scales the change since the round's start down to an L2 norm, if it is longer; "
    + "buffers do not count and stay.",
    Source = "McMahan et al., Learning Differentially Private Recurrent Language Models, ICLR 2018, arXiv:1710.06963, "
        + "Section 3 (FlatClip)")]
public sealed class ClipNorm(ClipNorm.Options options) : UpdateFilter
{
    /// <summary>Options of clip-norm.</summary>
    public sealed record Options
    {
        /// <summary>Longest change.</summary>
        [Option("L2 norm that the change of a round may have at most.", Min = 0, Max = 1e6, AboveMin = true)]
        public double Norm { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override ParameterVector Apply(ParameterVector vector, UpdateContext context)
    {
        var norm = context.NormOfChange(vector);
        context.Metrics.Emit<ClippedShare>(norm > options.Norm ? 1 : 0);
        return norm > options.Norm ? context.WithChangeTimes(vector, options.Norm / norm) : vector;
    }
}
