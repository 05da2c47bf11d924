namespace Orleans.FL.Learning.Parameters;

/// <summary>Arithmetic on parameter vectors: each value is computed in float64 and rounded once to float32.</summary>
public static class Vectors
{
    /// <summary>a·x + b·y.</summary>
    /// <param name="x">One vector.</param>
    /// <param name="a">Its factor.</param>
    /// <param name="y">Another of the same length.</param>
    /// <param name="b">Its factor.</param>
    public static ParameterVector Combine(ParameterVector x, double a, ParameterVector y, double b)
    {
        if (x.Length != y.Length) throw new ArgumentException($"Vectors of {x.Length} and {y.Length} values cannot be combined.");
        var xs = x.Span;
        var ys = y.Span;
        var sum = new float[x.Length];
        for (var i = 0; i < sum.Length; i++) sum[i] = (float)(a * xs[i] + b * ys[i]);
        return ParameterVector.Own(sum);
    }

    /// <summary>The vector with zeros in place of what is not trainable.</summary>
    /// <param name="x">The vector.</param>
    /// <param name="layout">Its layout.</param>
    public static ParameterVector Trainable(ParameterVector x, ParameterLayout layout)
    {
        if (layout.TrainableLength == layout.Length) return x;
        var values = x.Span.ToArray();
        Array.Clear(values, layout.TrainableLength, values.Length - layout.TrainableLength);
        return ParameterVector.Own(values);
    }
}
