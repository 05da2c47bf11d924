using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines;

/// <summary>Floats that C# and libtorch share, from an address that 64 divides.</summary>
/// <remarks>
/// MKL's matrix products give other bits at other alignments, and libtorch's own tensors begin at multiples of 64
/// bytes: so must ours, or results would depend on where the garbage collector put an array.
/// </remarks>
internal sealed class AlignedFloats : IDisposable
{
    /// <summary>Floats in 64 bytes.</summary>
    public const int Unit = 16;

    private readonly float[] _array;
    private readonly int _start;

    /// <summary>Floats that are not set to zero.</summary>
    /// <param name="length">How many.</param>
    public unsafe AlignedFloats(int length)
    {
        Length = length;
        _array = GC.AllocateUninitializedArray<float>(checked(length + Unit - 1), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _array[0]);
        _start =
            (int)((Unit * sizeof(float) - address % (Unit * sizeof(float))) % (Unit * sizeof(float)) / sizeof(float));
        using var scope = NewDisposeScope();
        Tensor = frombuffer(_array, ScalarType.Float32).narrow(0, _start, length).DetachFromDisposeScope();
    }

    /// <summary>Number of floats.</summary>
    public int Length { get; }

    /// <summary>The floats, as C# sees them.</summary>
    public Span<float> Span => _array.AsSpan(_start, Length);

    /// <summary>The same memory, as libtorch sees it; (n).</summary>
    public Tensor Tensor { get; }

    /// <inheritdoc/>
    public void Dispose() => Tensor.Dispose();
}
