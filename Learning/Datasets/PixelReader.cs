using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Turns the pixels of one channel into the floats that a model sees.</summary>
/// <remarks>
/// A pixel p has the float of a table of 256. Where p·a + b, fused in float64 and rounded, gives each of these floats
/// bit for bit, whole registers of pixels are worked out; else each is looked up. The bits are the table's in any case.
/// </remarks>
internal sealed class PixelReader
{
    private const int CacheLine = 64;

    private readonly float[] _table;
    private readonly double _factor, _offset;
    private readonly bool _isLinear;

    /// <summary>A reader.</summary>
    /// <param name="scale">How a pixel becomes a float.</param>
    /// <param name="channel">Index of the channel.</param>
    public PixelReader(PixelScale scale, int channel)
    {
        _table = scale.Table(channel);
        _factor = 1 / (scale.Maximum * scale.Deviation[channel]);
        _offset = -scale.Mean[channel] / scale.Deviation[channel];
        _isLinear = Fma.IsSupported && Enumerable.Range(0, _table.Length).All(p =>
            BitConverter.SingleToUInt32Bits((float)Math.FusedMultiplyAdd(p, _factor, _offset))
                == BitConverter.SingleToUInt32Bits(_table[p]));
    }

    /// <summary>Whether whole registers of pixels are worked out.</summary>
    internal bool IsLinear => _isLinear;

    /// <summary>Asks for pixels that are wanted soon: they come from memory, which takes as long as to read an
    /// image.</summary>
    /// <param name="pixels">The pixels.</param>
    public static unsafe void Fetch(ReadOnlySpan<byte> pixels)
    {
        if (!Sse.IsSupported) return;
        ref var first = ref MemoryMarshal.GetReference(pixels);
        for (nint i = 0; i < pixels.Length; i += CacheLine)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, i)));
    }

    /// <summary>Reads pixels.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="floats">Where their floats go; as long.</param>
    public void Read(ReadOnlySpan<byte> pixels, Span<float> floats)
    {
        floats = floats[..pixels.Length];
        var done = !_isLinear ? 0
            : Vector512.IsHardwareAccelerated ? Wide(pixels, floats)
            : Vector256.IsHardwareAccelerated ? Narrow(pixels, floats)
            : 0;
        LookUp(pixels[done..], floats[done..]);
    }

    /// <summary>Looks each pixel up.</summary>
    internal void LookUp(ReadOnlySpan<byte> pixels, Span<float> floats)
    {
        ref var table = ref MemoryMarshal.GetArrayDataReference(_table); // 256 entries: a byte is in range
        for (var i = 0; i < pixels.Length; i++) floats[i] = Unsafe.Add(ref table, (nint)pixels[i]);
    }

    /// <summary>Sixteen pixels a step; gives how many were read.</summary>
    internal int Wide(ReadOnlySpan<byte> pixels, Span<float> floats)
    {
        var (factor, offset) = (Vector512.Create(_factor), Vector512.Create(_offset));
        ref var from = ref MemoryMarshal.GetReference(pixels);
        ref var to = ref MemoryMarshal.GetReference(floats);
        var whole = Math.Min(pixels.Length, floats.Length) / Vector512<float>.Count * Vector512<float>.Count;
        for (nuint i = 0; i < (nuint)whole; i += (nuint)Vector512<float>.Count)
        {
            var numbers = Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref from, i));
            var low = Avx512F.ConvertToVector512Double(numbers.GetLower());
            var high = Avx512F.ConvertToVector512Double(numbers.GetUpper());
            Vector512.Narrow(Vector512.FusedMultiplyAdd(low, factor, offset),
                Vector512.FusedMultiplyAdd(high, factor, offset)).StoreUnsafe(ref to, i);
        }
        return whole;
    }

    /// <summary>Eight pixels a step; gives how many were read.</summary>
    internal int Narrow(ReadOnlySpan<byte> pixels, Span<float> floats)
    {
        var (factor, offset) = (Vector256.Create(_factor), Vector256.Create(_offset));
        ref var from = ref MemoryMarshal.GetReference(pixels);
        ref var to = ref MemoryMarshal.GetReference(floats);
        var whole = Math.Min(pixels.Length, floats.Length) / Vector256<float>.Count * Vector256<float>.Count;
        for (nuint i = 0; i < (nuint)whole; i += (nuint)Vector256<float>.Count)
        {
            var numbers = Avx2.ConvertToVector256Int32(
                Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, i))).AsByte());
            var low = Avx.ConvertToVector256Double(numbers.GetLower());
            var high = Avx.ConvertToVector256Double(numbers.GetUpper());
            Vector256.Narrow(Vector256.FusedMultiplyAdd(low, factor, offset),
                Vector256.FusedMultiplyAdd(high, factor, offset)).StoreUnsafe(ref to, i);
        }
        return whole;
    }
}
