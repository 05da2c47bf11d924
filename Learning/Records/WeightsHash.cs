using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Records;

/// <summary>SHA-256 over the weights of all nodes: the name of a run's outcome.</summary>
/// <remarks>
/// Over the little-endian float32 values of each vector in layout order, vector after vector in rank order, with
/// nothing between them; the weights of one node at a time are enough.
/// </remarks>
public sealed class WeightsHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The hash of vectors in rank order, in lowercase hexadecimal.</summary>
    /// <param name="weights">One vector a node, rank 0 first.</param>
    public static string Of(IEnumerable<ParameterVector> weights)
    {
        using var hash = new WeightsHash();
        foreach (var vector in weights) hash.Add(vector);
        return hash.ToHex();
    }

    /// <summary>Adds the weights of the next node.</summary>
    /// <param name="weights">The node's weights.</param>
    public void Add(ParameterVector weights)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Hashes of weights need a little-endian machine.");
        _hash.AppendData(MemoryMarshal.AsBytes(weights.Span));
    }

    /// <summary>The hash of what was added so far: 64 lowercase hexadecimal digits.</summary>
    public string ToHex() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
