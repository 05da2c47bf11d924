using System.Buffers;
using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Parameters;

/// <summary>The memory of an array of float32, seen as bytes: what is written and read without a copy.</summary>
/// <remarks>Little-endian, as everything that leaves a machine; another machine cannot use it.</remarks>
public sealed class FloatBytes : MemoryManager<byte>
{
    private readonly float[] _values;

    /// <summary>The bytes of an array.</summary>
    /// <param name="values">The array; what is written to the bytes is written to it.</param>
    /// <exception cref="PlatformNotSupportedException">The machine is not little-endian.</exception>
    public FloatBytes(float[] values)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Stored weights need a little-endian machine.");
        _values = values;
    }

    /// <summary>The bytes of a vector.</summary>
    /// <param name="vector">The vector.</param>
    public static ReadOnlyMemory<byte> Of(ParameterVector vector) =>
        MemoryMarshal.TryGetArray(vector.Memory, out var segment) && segment is { Offset: 0, Array: { } array }
            && array.Length == segment.Count
            ? new FloatBytes(array).Memory
            : new FloatBytes(vector.Span.ToArray()).Memory;

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(_values.AsSpan());

    /// <inheritdoc/>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)(_values.Length * (long)sizeof(float)),
            nameof(elementIndex));
        var handle = GCHandle.Alloc(_values, GCHandleType.Pinned);
        return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Each pin has a handle of its own, which the MemoryHandle frees.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The array is the garbage collector's.
    }
}
