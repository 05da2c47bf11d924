namespace Orleans.FL.Learning.Parameters;

/// <summary>An immutable flat vector of float32: all weights of a model in layout order, or anything of that shape.</summary>
/// <remarks>Passed by reference between nodes of a silo; nobody writes to the array after construction.</remarks>
public sealed class ParameterVector : IEquatable<ParameterVector>
{
    private readonly float[] _values;

    private ParameterVector(float[] values) => _values = values;

    /// <summary>Number of values.</summary>
    public int Length => _values.Length;

    /// <summary>The values, in layout order.</summary>
    public ReadOnlySpan<float> Span => _values;

    /// <summary>The values, in layout order.</summary>
    public ReadOnlyMemory<float> Memory => _values;

    /// <summary>Wraps an array that the caller gives up: it must never be written to again.</summary>
    /// <param name="values">The values; owned by the vector from now on.</param>
    public static ParameterVector Own(float[] values) => new(values);

    /// <summary>A vector with a copy of the values.</summary>
    /// <param name="values">The values.</param>
    public static ParameterVector CopyOf(ReadOnlySpan<float> values) => new(values.ToArray());

    /// <summary>A vector of zeros.</summary>
    /// <param name="length">Number of values.</param>
    public static ParameterVector Zeros(int length) => new(new float[length]);

    /// <summary>Bit-for-bit equality (NaN equals the same NaN; 0 differs from -0).</summary>
    /// <param name="other">The other vector.</param>
    public bool Equals(ParameterVector? other) => other is not null &&
        (ReferenceEquals(this, other) || System.Runtime.InteropServices.MemoryMarshal.AsBytes(Span)
            .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(other.Span)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ParameterVector);

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", _values.Take(8))}{(Length > 8 ? $", … {Length} values" : "")})";

    /// <inheritdoc/>
    public override int GetHashCode() => Length == 0 ? 0 : HashCode.Combine(Length, _values[0], _values[Length / 2], _values[^1]);
}
