using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Parameters;

/// <summary>
/// An immutable flat vector of float32: all weights of a model in layout order, or anything of that shape.
/// </summary>
/// <remarks>
/// Passed by reference between nodes of a silo; nobody writes to the array after construction. A vector that nobody
/// uses now may be put on disk (<see cref="VectorSpill"/>); its readers notice only by the time that it takes.
/// </remarks>
public sealed class ParameterVector : IEquatable<ParameterVector>
{
    private volatile float[]? _values;
    private SpilledValues? _spilled;

    private ParameterVector(float[] values) => (_values, Length) = (values, values.Length);

    /// <summary>Number of values.</summary>
    public int Length { get; }

    /// <summary>The values, in layout order.</summary>
    /// <exception cref="IOException">They are on disk and cannot be read back.</exception>
    public ReadOnlySpan<float> Span => Values;

    /// <summary>The values, in layout order.</summary>
    /// <exception cref="IOException">They are on disk and cannot be read back.</exception>
    public ReadOnlyMemory<float> Memory => Values;

    /// <summary>Whether the values are in memory.</summary>
    internal bool IsResident => _values is not null;

    private float[] Values => _values ?? Recall();

    /// <summary>Wraps an array that the caller gives up: it must never be written to again.</summary>
    /// <param name="values">The values; owned by the vector from now on.</param>
    public static ParameterVector Own(float[] values) => new(values);

    /// <summary>A vector of zeros.</summary>
    /// <param name="length">Number of values.</param>
    public static ParameterVector Zeros(int length) => new(new float[length]);

    /// <summary>
    /// The vector for who reads it once: itself if its values are in memory, else a copy of what is on disk, which
    /// stays there.
    /// </summary>
    /// <remarks>
    /// Who calls it calls <see cref="Return"/> afterwards. So reading many vectors drives none out of memory, and
    /// leaves no garbage.
    /// </remarks>
    /// <exception cref="IOException">The values cannot be read back.</exception>
    internal ParameterVector Borrow() =>
        _values is null && Volatile.Read(ref _spilled) is { } spilled ? new(spilled.Read(Length)) : this;

    /// <summary>Ends the use of what <see cref="Borrow"/> gave.</summary>
    /// <param name="borrowed">What it gave.</param>
    internal void Return(ParameterVector borrowed)
    {
        if (!ReferenceEquals(borrowed, this)) borrowed.GiveBack();
    }

    /// <summary>Gives up the values, whose memory becomes that of other vectors; a later read of the vector
    /// throws.</summary>
    internal void GiveBack()
    {
        if (_values is not { } values || _spilled is not null) return;
        _values = null;
        FloatPool.TakeBack(values);
    }

    /// <summary>Bit-for-bit equality (NaN equals the same NaN; 0 differs from -0).</summary>
    /// <param name="other">The other vector.</param>
    public bool Equals(ParameterVector? other) => other is not null &&
        (ReferenceEquals(this, other) || MemoryMarshal.AsBytes(Span).SequenceEqual(MemoryMarshal.AsBytes(other.Span)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ParameterVector);

    /// <inheritdoc/>
    public override string ToString() =>
        $"({string.Join(", ", Values.Take(8))}{(Length > 8 ? $", … {Length} values" : "")})";

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Length == 0 ? 0 : HashCode.Combine(Length, Span[0], Span[Length / 2], Span[^1]);

    /// <summary>Puts the values on disk, unless they are there, and lets go of the array; a concurrent reader keeps
    /// it until it is done.</summary>
    /// <param name="file">Where to.</param>
    /// <exception cref="IOException">They could not be written; the vector is as it was.</exception>
    internal void Spill(SpillFile file)
    {
        if (_values is not { } values) return;
        _spilled ??= file.Write(this, values);
        _values = null;
    }

    /// <summary>Reads the values back; two that do so at once may both read.</summary>
    private float[] Recall()
    {
        var spilled = Volatile.Read(ref _spilled)
            ?? throw new InvalidOperationException("A vector has neither values nor a place on disk.");
        var values = spilled.Read(Length);
        _values = values;
        spilled.File.Recalled(this);
        return values;
    }
}
