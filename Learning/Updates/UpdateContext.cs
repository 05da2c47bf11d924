using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Updates;

/// <summary>What filters and attacks know of the update that a node is about to send.</summary>
public sealed record UpdateContext
{
    /// <summary>Rank of the sender.</summary>
    public required int Node { get; init; }

    /// <summary>Round, from 0.</summary>
    public required int Round { get; init; }

    /// <summary>Index of the exchange in the round.</summary>
    public required int Exchange { get; init; }

    /// <summary>
    /// What the node would send had it learned nothing in this round, of the update's length: the weights at the
    /// round's start, or zeros where changes are sent.
    /// </summary>
    public required ParameterVector Start { get; init; }

    /// <summary>
    /// How many of the values are trainable; they come first, buffers such as BatchNorm's statistics after them.
    /// </summary>
    public required int Trainable { get; init; }

    /// <summary>
    /// Layout of the model. An algorithm that sends a part of it sends that part's slices, in this order.
    /// </summary>
    public required ParameterLayout Layout { get; init; }

    /// <summary>Takes the values of metrics that a filter or an attack emits.</summary>
    public IMetricSink Metrics { get; init; } = IMetricSink.None;

    /// <summary>The run's randomness.</summary>
    public required Seeds Seeds { get; init; }

    /// <summary>Name of the station that asks; distinguishes two filters of one class.</summary>
    internal string Station { get; init; } = "";

    /// <summary>Random numbers of this station, node, round and exchange.</summary>
    public RandomStream Stream() => Seeds.Stream($"{Station}/exchange-{Exchange}", Node, Round);

    /// <summary>L2 norm of the change since the round's start, over the trainable values.</summary>
    /// <param name="vector">What the node is about to send.</param>
    public double NormOfChange(ParameterVector vector)
    {
        var values = vector.Span[..Trainable];
        var start = Start.Span;
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            var change = (double)values[i] - start[i];
            sum += change * change;
        }
        return Math.Sqrt(sum);
    }

    /// <summary>The start plus a multiple of the change; buffers stay as they are.</summary>
    /// <param name="vector">What the node is about to send.</param>
    /// <param name="factor">What the change is multiplied by.</param>
    public ParameterVector WithChangeTimes(ParameterVector vector, double factor)
    {
        var values = FloatPool.CopyOf(vector.Span);
        var start = Start.Span;
        for (var i = 0; i < Trainable; i++) values[i] = (float)(start[i] + factor * ((double)values[i] - start[i]));
        return ParameterVector.Own(values);
    }
}
