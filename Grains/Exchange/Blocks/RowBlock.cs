using System.Buffers;

namespace Orleans.FL.Grains.Exchange.Blocks;

/// <summary>The same values of all updates of a row.</summary>
/// <param name="updates">The values of each, in the row's order.</param>
/// <param name="wireBytes">Bytes that crossed from other silos for it.</param>
/// <param name="rented">Memory of the pool that they are in.</param>
internal sealed class RowBlock(ReadOnlyMemory<float>[] updates, long wireBytes, IReadOnlyList<float[]> rented)
    : IDisposable
{
    /// <summary>The values of each update, in the row's order.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> Updates => updates;

    /// <summary>Bytes that crossed from other silos for it.</summary>
    public long WireBytes => wireBytes;

    /// <summary>Gives the memory back; the values are not to be looked at after that.</summary>
    public void Dispose()
    {
        foreach (var values in rented) ArrayPool<float>.Shared.Return(values);
    }
}
