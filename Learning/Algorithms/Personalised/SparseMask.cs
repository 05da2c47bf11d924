using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Masks over the tensors of two dimensions or more of a model; what has fewer is never masked.</summary>
/// <remarks>
/// Densities are those of Erdős–Rényi kernels (Evci et al. 2020): a tensor's is proportional to (sum of its sizes /
/// product of its sizes)^γ, and 1 at most.
/// </remarks>
public static class SparseMask
{
    private const int BitsOfWord = 24; // whole numbers below 2²⁴ are exact in float32, and none of them is a NaN

    /// <summary>The tensors that are masked.</summary>
    /// <param name="layout">The model's layout.</param>
    public static LayoutPart Masked(ParameterLayout layout) =>
        LayoutPart.Where(layout, s => s.Trainable && s.Shape.Count > 1);

    /// <summary>How many values of each masked tensor are kept, at least one each.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="density">Share of all masked values that is kept, above 0.</param>
    /// <param name="power">γ; 0 gives all tensors the same density.</param>
    public static int[] Counts(ParameterLayout layout, double density, double power) =>
        [.. Densities(layout, density, power)
            .Zip(Masked(layout).Slices, (d, s) => Math.Clamp((int)Math.Floor(d * s.Length + 1e-9), 1, s.Length))];

    /// <summary>
    /// The density of each masked tensor; weighted by their lengths they have the asked one as their mean.
    /// </summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="density">Share of all masked values that is kept, above 0.</param>
    /// <param name="power">γ; 0 gives all tensors the same density.</param>
    public static double[] Densities(ParameterLayout layout, double density, double power)
    {
        var slices = Masked(layout).Slices;
        var raw = slices.Select(s => Math.Pow((double)s.Shape.Sum() / s.Length, power)).ToArray();
        var dense = new bool[raw.Length];
        while (true)
        {
            var (left, weighted) = (density * slices.Sum(s => (double)s.Length), 0.0);
            for (var i = 0; i < raw.Length; i++)
                if (dense[i]) left -= slices[i].Length;
                else weighted += raw[i] * slices[i].Length;
            var open = Enumerable.Range(0, raw.Length).Where(i => !dense[i]).ToList();
            if (open.Count == 0 || left / weighted * open.Max(i => raw[i]) <= 1)
                return [.. raw.Select((r, i) => dense[i] ? 1 : left / weighted * r)];
            var largest = open.Max(i => raw[i]);
            foreach (var i in open.Where(i => raw[i] == largest)) dense[i] = true;
        }
    }

    /// <summary>
    /// A mask that keeps, of each masked tensor, the values of the largest keys, and all of the rest.
    /// </summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="counts">How many are kept of each masked tensor.</param>
    /// <param name="keys">A key for each value of the model.</param>
    public static ParameterVector Of(ParameterLayout layout, IReadOnlyList<int> counts, ReadOnlySpan<float> keys)
    {
        var mask = new float[layout.Length];
        Array.Fill(mask, 1);
        foreach (var (slice, count) in Masked(layout).Slices.Zip(counts))
        {
            var part = keys.Slice(slice.Offset, slice.Length).ToArray();
            Array.Clear(mask, slice.Offset, slice.Length);
            foreach (var i in Enumerable.Range(0, part.Length).OrderByDescending(i => part[i]).Take(count))
                mask[slice.Offset + i] = 1;
        }
        return ParameterVector.Own(mask);
    }

    /// <summary>Number of values in which <see cref="Pack"/> encodes a mask.</summary>
    /// <param name="layout">The model's layout.</param>
    public static int Words(ParameterLayout layout) => (Masked(layout).Length + BitsOfWord - 1) / BitsOfWord;

    /// <summary>The masked tensors' bits, 24 in a value.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="mask">The mask.</param>
    public static ParameterVector Pack(ParameterLayout layout, ParameterVector mask)
    {
        var words = new float[Words(layout)];
        var bits = Masked(layout).Take(mask).Span;
        for (var i = 0; i < bits.Length; i++)
            if (bits[i] != 0) words[i / BitsOfWord] += 1 << i % BitsOfWord;
        return ParameterVector.Own(words);
    }

    /// <summary>The mask that was packed.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="words">What <see cref="Pack"/> gave.</param>
    public static ParameterVector Unpack(ParameterLayout layout, ParameterVector words)
    {
        var (part, ones) = (Masked(layout), new float[layout.Length]);
        Array.Fill(ones, 1);
        var bits = new float[part.Length];
        for (var i = 0; i < bits.Length; i++) bits[i] = (int)words.Span[i / BitsOfWord] >> i % BitsOfWord & 1;
        return part.Put(ParameterVector.Own(bits), ParameterVector.Own(ones));
    }
}
