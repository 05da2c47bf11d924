using System.Reflection;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Codecs;

/// <summary>How the values of a vector become the bytes that are sent, and values again.</summary>
/// <remarks>
/// Pure and thread-safe: the same values and draws give the same bytes on every machine, and the same bytes the same
/// values. A sender encodes an update once; every receiver, the sender itself included, goes on with the decoded
/// values. So a codec that rounds changes no bit of a run when its nodes sit on other silos.
/// </remarks>
public abstract class Codec
{
    /// <summary>Name of <see cref="SinglePrecision"/>.</summary>
    public const string Plain = "float32";

    /// <summary>
    /// The codec's name in experiment files; a first chunk names it, so that no silo reads bytes of another codec.
    /// </summary>
    public string Name => GetType().GetCustomAttribute<ComponentAttribute>()?.Name ?? GetType().Name;

    /// <summary>The most bytes that a vector takes. Records and simulated time count so many for each vector.</summary>
    /// <param name="values">Number of its values, 0 or more.</param>
    public abstract long MaxBytes(int values);

    /// <summary>
    /// Bytes of each value where the values stand one after another, so that any of them can be decoded alone; null
    /// where they depend on each other.
    /// </summary>
    /// <remarks>A server's robust aggregators then read updates block by block (<see cref="Decode"/> gets the bytes of
    /// some values in a row).</remarks>
    public virtual int? ValueBytes => null;

    /// <summary>The most that a decoded value differs from the value that was encoded.</summary>
    /// <param name="largest">The largest magnitude among the vector's values, of those that the codec can
    /// carry.</param>
    public abstract double MaxError(double largest);

    /// <summary>Writes a vector.</summary>
    /// <param name="values">Its values; all finite, or the sender is refused.</param>
    /// <param name="bytes">Where to; <see cref="MaxBytes"/> long.</param>
    /// <param name="draws">Randomness of this vector, for codecs that round at random.</param>
    /// <returns>Number of bytes written, at most <see cref="MaxBytes"/>.</returns>
    public abstract int Encode(ReadOnlySpan<float> values, Span<byte> bytes, RandomStream draws);

    /// <summary>Reads a vector.</summary>
    /// <param name="bytes">Bytes from anybody, at most <see cref="MaxBytes"/> of them: not to be trusted.</param>
    /// <param name="values">Where to; the vector's expected length, and all of it is written.</param>
    /// <exception cref="InvalidDataException">They are no encoded vector of that length.</exception>
    public abstract void Decode(ReadOnlySpan<byte> bytes, Span<float> values);
}
