using System.Numerics;
using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Codecs;

/// <summary>Looks for values that are not finite, at the speed of memory.</summary>
public static class FiniteValues
{
    /// <summary>Index of the first value that is infinite or no number; null if there is none.</summary>
    /// <param name="values">The values.</param>
    public static int? FirstOther(ReadOnlySpan<float> values)
    {
        var at = 0;
        foreach (var block in MemoryMarshal.Cast<float, Vector<float>>(values))
        {
            if (!Vector.EqualsAll(block - block, Vector<float>.Zero)) break; // inf - inf and NaN - NaN are NaN
            at += Vector<float>.Count;
        }
        for (; at < values.Length; at++)
            if (!float.IsFinite(values[at])) return at;
        return null;
    }
}
