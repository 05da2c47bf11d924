using System.Buffers;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Codecs;

/// <summary>
/// What an update is on the wire: its vectors, and the codec that makes them bytes. The one place that knows what an
/// update costs.
/// </summary>
/// <param name="Shape">Its vectors; those that are exact travel as float32, whatever the codec.</param>
/// <param name="Codec">The run's codec.</param>
public sealed record UpdateFormat(UpdateShape Shape, Codec Codec)
{
    /// <summary>
    /// The codec's stated size of such an update: what is recorded as sent and received, and what simulated
    /// time counts.
    /// </summary>
    public long Bytes => CodecOf(Shape.IsExact)
        .MaxBytes(Shape.Weights) + Shape.AuxiliaryVectors.Sum(v => CodecOf(v.IsExact).MaxBytes(v.Length));

    /// <summary>Its vectors in the order of their index: the weights, then the rest by name.</summary>
    public IReadOnlyList<UpdatePart> Parts =>
    [
        new(Update.WeightsName, Shape.Weights, Shape.IsExact ? SinglePrecision.Instance : Codec),
        .. Shape.AuxiliaryVectors.OrderBy(v => v.Name, StringComparer.Ordinal)
            .Select(v => new UpdatePart(v.Name, v.Length, v.IsExact ? SinglePrecision.Instance : Codec)),
    ];

    /// <summary>Whether any of its values can be read and decoded without the others.</summary>
    public bool IsBlockwise => Parts.All(p => p.Codec.ValueBytes is not null);

    /// <summary>Updates whose vectors travel as float32.</summary>
    /// <param name="shape">Their vectors.</param>
    public static UpdateFormat Plain(UpdateShape shape) => new(shape, SinglePrecision.Instance);

    /// <summary>The codec of a vector.</summary>
    /// <param name="isExact">Whether no bit of it may change.</param>
    public Codec CodecOf(bool isExact) => isExact ? SinglePrecision.Instance : Codec;

    /// <summary>An update as everybody receives it.</summary>
    /// <param name="update">The update as its node has it.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="keepBytes">Whether other silos may read it: else it holds no bytes, only what they would be
    /// decoded to.</param>
    /// <param name="draws">The update's randomness.</param>
    /// <returns>The very update if the codec is float32.</returns>
    /// <exception cref="NotSummableException">The codec cannot carry a value; names the node.</exception>
    public Update Encode(Update update, int node, bool keepBytes, RandomStream draws)
    {
        if (Codec is SinglePrecision) return update;
        var encoded = new Dictionary<string, EncodedVector>();
        var weights = Shape.IsExact ? update.Weights : Through(Update.WeightsName, update.Weights);
        var auxiliary = Shape.AuxiliaryVectors.Where(v => update.AuxiliaryVectors.ContainsKey(v.Name))
            .OrderBy(v => v.Name, StringComparer.Ordinal)
            .ToDictionary(v => v.Name,
                v => v.IsExact ? update.AuxiliaryVectors[v.Name] : Through(v.Name, update.AuxiliaryVectors[v.Name]));
        return new Update(weights, auxiliary) { Encoded = encoded };

        ParameterVector Through(string name, ParameterVector vector)
        {
            var (decoded, bytes) = RoundTrip(vector, node, keepBytes, draws);
            if (bytes is not null) encoded[name] = new EncodedVector(Codec.Name, bytes);
            return decoded;
        }
    }

    private (ParameterVector Decoded, byte[]? Bytes) RoundTrip(
        ParameterVector vector, int node, bool keepBytes, RandomStream draws)
    {
        var most = checked((int)Codec.MaxBytes(vector.Length));
        var buffer = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            var length = Codec.Encode(vector.Span, buffer.AsSpan(0, most), draws);
            var values = FloatPool.Of(vector.Length);
            Codec.Decode(buffer.AsSpan(0, length), values);
            if (FiniteValues.FirstOther(values) is { } at)
                throw new NotSummableException($"Node {node} sends the value {vector.Span[at]}, "
                    + $"which the codec {Codec.Name} cannot carry; use float32, or a smaller learning rate.");
            return (ParameterVector.Own(values), keepBytes ? buffer[..length] : null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>A vector of an update, as it is on the wire.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Number of its values.</param>
/// <param name="Codec">Its codec.</param>
public readonly record struct UpdatePart(string Name, int Length, Codec Codec);
