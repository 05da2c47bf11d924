using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Metrics;

/// <summary>A node that has just trained, as metrics see it.</summary>
/// <param name="Start">Its weights at the beginning of the round.</param>
/// <param name="Weights">Its weights after training.</param>
/// <param name="Layout">What the values mean.</param>
/// <param name="Samples">Number of its training samples.</param>
/// <param name="Loss">Mean training loss of the round, each batch before its step; NaN if it took no step.</param>
/// <param name="Steps">Optimiser steps taken.</param>
public sealed record TrainedNode(
    ParameterVector Start, ParameterVector Weights, ParameterLayout Layout, int Samples, double Loss, long Steps)
{
    /// <summary>L2 norm of the change of the trainable values, in float64 and in their order.</summary>
    public double ChangeNorm
    {
        get
        {
            var from = Start.Span;
            var to = Weights.Span;
            var sum = 0.0;
            for (var i = 0; i < Layout.TrainableLength; i++)
            {
                var change = (double)to[i] - from[i];
                sum += change * change;
            }
            return Math.Sqrt(sum);
        }
    }
}
