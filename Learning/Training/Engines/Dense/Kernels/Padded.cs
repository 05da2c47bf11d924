using System.Runtime.CompilerServices;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>Floats of C# alone, from an address that 64 divides; the memory of a lane's dense networks.</summary>
/// <remarks>
/// Rows in it are filled up with zeros to a multiple of <see cref="Unit"/>, so that no kernel has a tail.
/// </remarks>
internal sealed unsafe class Padded
{
    /// <summary>Floats in 64 bytes.</summary>
    public const int Unit = 16;

    private readonly float[] _array; // pinned, and alive as long as this object is
    private readonly int _start;

    /// <summary>Zeros.</summary>
    /// <param name="length">How many.</param>
    public Padded(int length)
    {
        Length = length;
        _array = GC.AllocateArray<float>(checked(length + Unit - 1), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _array[0]);
        Pointer = (float*)((address + Unit * sizeof(float) - 1) / (Unit * sizeof(float)) * (Unit * sizeof(float)));
        _start = (int)(((nuint)Pointer - address) / sizeof(float));
    }

    /// <summary>Number of floats.</summary>
    public int Length { get; }

    /// <summary>The first float; valid as long as somebody holds this object.</summary>
    public float* Pointer { get; }

    /// <summary>The floats.</summary>
    public Span<float> Span => new(Pointer, Length);

    /// <summary>The floats, for those who keep them.</summary>
    public Memory<float> Memory => _array.AsMemory(_start, Length);

    /// <summary>A width filled up to whole units.</summary>
    /// <param name="width">Number of values, 0 or more.</param>
    public static int Up(int width) => checked(width + Unit - 1) / Unit * Unit;
}
