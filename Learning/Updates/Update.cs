using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Updates;

/// <summary>What a node sends in one exchange: its weights and, if its algorithm needs them, further vectors.</summary>
/// <param name="Weights">The weights; for some algorithms a part of them, or another vector. See
/// <see cref="UpdateShape"/>.</param>
/// <param name="AuxiliaryVectors">Further vectors by name; empty for most algorithms.</param>
public sealed record Update(ParameterVector Weights, IReadOnlyDictionary<string, ParameterVector> AuxiliaryVectors)
{
    /// <summary>Name of the weights among an update's vectors.</summary>
    public const string WeightsName = "weights";

    private static readonly Dictionary<string, ParameterVector> NoAuxiliaryVectors = [];
    private static readonly Dictionary<string, EncodedVector> NothingEncoded = [];

    /// <summary>An update of weights alone.</summary>
    /// <param name="weights">The weights.</param>
    public Update(ParameterVector weights) : this(weights, NoAuxiliaryVectors) { }

    /// <summary>
    /// Bytes of vectors, by name, for readers on other silos; vectors that are not among them travel as float32.
    /// </summary>
    /// <remarks>Decoded, they are the vectors of this update, bit for bit.</remarks>
    public IReadOnlyDictionary<string, EncodedVector> Encoded { get; init; } = NothingEncoded;
}

/// <summary>An update that a node received, with the weight that the topology gives it.</summary>
/// <param name="Node">Rank of the sender; the receiver's own update is among those received.</param>
/// <param name="Weight">Weight in the mean; relative, need not sum to 1.</param>
/// <param name="Update">What was sent.</param>
public sealed record ReceivedUpdate(int Node, double Weight, Update Update);
