using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>
/// A linear encoder of what training moved a model by: each filter, or row of a matrix, becomes ten numbers and of
/// these five; a tensor has its own two layers.
/// </summary>
/// <remarks>
/// Factors and offsets of BatchNorm count as one row each. The last layer is left out where there is another one.
/// </remarks>
public sealed class FilterEncoder
{
    private const int HiddenWidth = 10, CodeWidth = 5;

    private readonly IReadOnlyList<Part> _parts;
    private readonly double[] _values;

    /// <summary>An encoder.</summary>
    /// <param name="layout">Layout of the models.</param>
    /// <param name="values">Its parameters: for each tensor both layers, weights before offsets.</param>
    public FilterEncoder(ParameterLayout layout, ParameterVector values) =>
        (_parts, _values) = (PartsOf(layout), Array.ConvertAll(values.Span.ToArray(), v => (double)v));

    /// <summary>Number of parameters of the encoder.</summary>
    /// <param name="layout">Layout of the models.</param>
    public static int Length(ParameterLayout layout) => PartsOf(layout).Sum(p => p.Length);

    /// <summary>Parameters to begin with, uniform within ±1/√(inputs).</summary>
    /// <param name="layout">Layout of the models.</param>
    /// <param name="stream">Draws them.</param>
    public static ParameterVector Initial(ParameterLayout layout, RandomStream stream)
    {
        var values = new List<float>();
        foreach (var part in PartsOf(layout))
            foreach (var (count, inputs) in new[] { (HiddenWidth * part.Width + HiddenWidth, part.Width),
                (CodeWidth * HiddenWidth + CodeWidth, HiddenWidth) })
                for (var i = 0; i < count; i++) values.Add((float)((2 * stream.NextDouble() - 1) / Math.Sqrt(inputs)));
        return ParameterVector.Own([.. values]);
    }

    /// <summary>The code of a model.</summary>
    /// <param name="moved">What training moved it by since the beginning.</param>
    public double[] Encode(ParameterVector moved) =>
        [.. Rows(moved).SelectMany(r => Code(r.Part, Hidden(r.Part, r.Row)))];

    /// <summary>Adds the gradient in the encoder's parameters.</summary>
    /// <param name="moved">What was encoded.</param>
    /// <param name="slope">The gradient in its code.</param>
    /// <param name="gradient">What is added to.</param>
    public void Backward(ParameterVector moved, double[] slope, double[] gradient)
    {
        var at = 0;
        foreach (var (part, row) in Rows(moved))
        {
            var hidden = Hidden(part, row);
            var back = new double[HiddenWidth];
            for (var c = 0; c < CodeWidth; c++, at++)
            {
                gradient[part.CodeOffsets + c] += slope[at];
                for (var h = 0; h < HiddenWidth; h++)
                {
                    gradient[part.CodeWeights + c * HiddenWidth + h] += slope[at] * hidden[h];
                    back[h] += slope[at] * _values[part.CodeWeights + c * HiddenWidth + h];
                }
            }
            for (var h = 0; h < HiddenWidth; h++)
            {
                gradient[part.HiddenOffsets + h] += back[h];
                for (var i = 0; i < part.Width; i++) gradient[part.Start + h * part.Width + i] += back[h] * row[i];
            }
        }
    }

    private IEnumerable<(Part Part, float[] Row)> Rows(ParameterVector moved) =>
        _parts.SelectMany(p => Enumerable.Range(0, p.Rows)
            .Select(r => (p, moved.Span.Slice(p.Offset + r * p.Width, p.Width).ToArray())));

    private double[] Hidden(Part part, float[] row)
    {
        var hidden = new double[HiddenWidth];
        for (var h = 0; h < HiddenWidth; h++)
        {
            hidden[h] = _values[part.HiddenOffsets + h];
            for (var i = 0; i < part.Width; i++) hidden[h] += _values[part.Start + h * part.Width + i] * row[i];
        }
        return hidden;
    }

    private double[] Code(Part part, double[] hidden)
    {
        var code = new double[CodeWidth];
        for (var c = 0; c < CodeWidth; c++)
        {
            code[c] = _values[part.CodeOffsets + c];
            for (var h = 0; h < HiddenWidth; h++)
                code[c] += _values[part.CodeWeights + c * HiddenWidth + h] * hidden[h];
        }
        return code;
    }

    private static List<Part> PartsOf(ParameterLayout layout)
    {
        var (last, normed) = (LayoutPart.LastLayers(layout, 1).Slices, LayoutPart.BatchNorm(layout).Slices);
        var encoded = layout.Slices
            .Where(s => s.Trainable && (s.Shape.Count > 1 || normed.Contains(s)) && !last.Contains(s)).ToList();
        if (encoded.Count == 0) encoded = [.. layout.Slices.Where(s => s.Trainable && s.Shape.Count > 1)];
        var (parts, start) = (new List<Part>(), 0);
        foreach (var slice in encoded)
        {
            var rows = slice.Shape.Count > 1 ? slice.Shape[0] : 1;
            parts.Add(new Part(slice.Offset, rows, slice.Length / rows, start));
            start += parts[^1].Length;
        }
        return parts;
    }

    /// <summary>A tensor's rows, and where its two layers are among the parameters.</summary>
    private sealed record Part(int Offset, int Rows, int Width, int Start)
    {
        public int HiddenOffsets => Start + HiddenWidth * Width;

        public int CodeWeights => HiddenOffsets + HiddenWidth;

        public int CodeOffsets => CodeWeights + CodeWidth * HiddenWidth;

        public int Length => CodeOffsets + CodeWidth - Start;
    }
}
