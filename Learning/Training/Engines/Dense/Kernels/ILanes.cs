using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>
/// Some floats that are worked on at once, each for itself: their number has no influence on any bit.
/// </summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
internal unsafe interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Number of floats; <see cref="Padded.Unit"/> is a multiple of it.</summary>
    static abstract int Count { get; }

    /// <summary>The floats from an address on.</summary>
    static abstract TSelf Load(float* from);

    /// <summary>One float in every lane.</summary>
    static abstract TSelf All(float value);

    /// <summary>a·b + c, rounded once on any processor.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The floats of a where b is above zero, else zeros.</summary>
    static abstract TSelf WherePositive(TSelf a, TSelf b);

    /// <summary>The floats of <paramref name="yes"/> where a is above b or no number, else those of
    /// <paramref name="no"/>.</summary>
    static abstract TSelf Choose(TSelf a, TSelf b, TSelf yes, TSelf no);

    /// <summary>The floats of a value where a and b are equal, else zeros.</summary>
    static abstract TSelf WhereEqual(TSelf value, TSelf a, TSelf b);

    /// <summary>The sum.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>The difference.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>The product.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>Writes the floats to an address.</summary>
    void Store(float* to);
}

/// <summary>Sixteen lanes: one register of AVX-512.</summary>
internal readonly unsafe struct WideLanes(Vector512<float> value) : ILanes<WideLanes>
{
    private readonly Vector512<float> _value = value;

    /// <inheritdoc/>
    public static int Count => Vector512<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Load(float* from) => new(Vector512.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes All(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes MultiplyAdd(WideLanes a, WideLanes b, WideLanes c) =>
        new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes WherePositive(WideLanes a, WideLanes b) =>
        new(a._value & Vector512.GreaterThan(b._value, Vector512<float>.Zero));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Choose(WideLanes a, WideLanes b, WideLanes yes, WideLanes no) =>
        new(Vector512.ConditionalSelect(
            Vector512.GreaterThan(a._value, b._value) | ~Vector512.Equals(a._value, a._value), yes._value, no._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes WhereEqual(WideLanes value, WideLanes a, WideLanes b) =>
        new(value._value & Vector512.Equals(a._value, b._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator +(WideLanes a, WideLanes b) => new(a._value + b._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator -(WideLanes a, WideLanes b) => new(a._value - b._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator *(WideLanes a, WideLanes b) => new(a._value * b._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => _value.Store(to);
}

/// <summary>
/// Eight lanes: one register of AVX2; elsewhere the runtime makes them of smaller ones, to the same bits.
/// </summary>
internal readonly unsafe struct NarrowLanes(Vector256<float> value) : ILanes<NarrowLanes>
{
    private readonly Vector256<float> _value = value;

    /// <inheritdoc/>
    public static int Count => Vector256<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes Load(float* from) => new(Vector256.Load(from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes All(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes MultiplyAdd(NarrowLanes a, NarrowLanes b, NarrowLanes c) =>
        new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes WherePositive(NarrowLanes a, NarrowLanes b) =>
        new(a._value & Vector256.GreaterThan(b._value, Vector256<float>.Zero));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes Choose(NarrowLanes a, NarrowLanes b, NarrowLanes yes, NarrowLanes no) =>
        new(Vector256.ConditionalSelect(
            Vector256.GreaterThan(a._value, b._value) | ~Vector256.Equals(a._value, a._value), yes._value, no._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes WhereEqual(NarrowLanes value, NarrowLanes a, NarrowLanes b) =>
        new(value._value & Vector256.Equals(a._value, b._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes operator +(NarrowLanes a, NarrowLanes b) => new(a._value + b._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes operator -(NarrowLanes a, NarrowLanes b) => new(a._value - b._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NarrowLanes operator *(NarrowLanes a, NarrowLanes b) => new(a._value * b._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to) => _value.Store(to);
}
