using TorchSharp;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>Numbers that libtorch's functions are called with, kept for as long as the process lives.</summary>
/// <remarks>
/// A <see cref="Scalar"/> that is made by conversion in a call has no other reference, and TorchSharp keeps none: the
/// collector may free it while native code reads it. Other numbers are made with <c>using var x = value.ToScalar()</c>,
/// which refers to them until after the call.
/// </remarks>
internal static class Scalars
{
    /// <summary>1, the factor of what is added.</summary>
    public static Scalar One { get; } = 1.ToScalar();
}
