using System.Runtime.Intrinsics;

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
        if (x.Length != y.Length)
            throw new ArgumentException($"Vectors of {x.Length} and {y.Length} values cannot be combined.");
        var xs = x.Span;
        var ys = y.Span;
        var sum = FloatPool.Of(x.Length);
        for (var i = 0; i < sum.Length; i++) sum[i] = (float)(a * xs[i] + b * ys[i]);
        return ParameterVector.Own(sum);
    }

    /// <summary>a·x.</summary>
    /// <param name="x">The vector.</param>
    /// <param name="a">Its factor.</param>
    public static ParameterVector Scale(ParameterVector x, double a)
    {
        var xs = x.Span;
        var values = FloatPool.Of(x.Length);
        for (var i = 0; i < values.Length; i++) values[i] = (float)(a * xs[i]);
        return ParameterVector.Own(values);
    }

    /// <summary>The trainable values of one vector, the buffers of another.</summary>
    /// <param name="trainable">The one.</param>
    /// <param name="buffers">The other.</param>
    /// <param name="layout">Their layout.</param>
    public static ParameterVector WithBuffers(
        ParameterVector trainable, ParameterVector buffers, ParameterLayout layout)
    {
        if (layout.TrainableLength == layout.Length) return trainable;
        var values = FloatPool.CopyOf(trainable.Span);
        buffers.Span[layout.TrainableLength..].CopyTo(values.AsSpan(layout.TrainableLength));
        return ParameterVector.Own(values);
    }

    /// <summary>The inner product, in float64 and in the order of the values.</summary>
    /// <param name="x">One vector.</param>
    /// <param name="y">Another of the same length.</param>
    public static double Dot(ParameterVector x, ParameterVector y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"Vectors of {x.Length} and {y.Length} values have no inner product.");
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++) sum += (double)x.Span[i] * y.Span[i];
        return sum;
    }

    /// <summary>
    /// The first value that is not below a limit in magnitude, or not a number; null if there is none.
    /// </summary>
    /// <param name="x">The vector.</param>
    /// <param name="limit">The limit.</param>
    public static float? FirstNotBelow(ParameterVector x, float limit) => FirstNotBelow(x.Span, limit);

    /// <inheritdoc cref="FirstNotBelow(ParameterVector, float)"/>
    /// <param name="values">The values.</param>
    /// <param name="limit">The limit.</param>
    public static float? FirstNotBelow(ReadOnlySpan<float> values, float limit)
    {
        var limits = Vector512.Create(limit);
        var i = 0;
        while (i <= values.Length - Vector512<float>.Count
            && Vector512.LessThanAll(Vector512.Abs(Vector512.Create(values[i..])), limits))
            i += Vector512<float>.Count;
        for (; i < values.Length; i++)
            if (!(Math.Abs(values[i]) < limit)) return values[i];
        return null;
    }

    /// <summary>The vector with zeros in place of what is not trainable.</summary>
    /// <param name="x">The vector.</param>
    /// <param name="layout">Its layout.</param>
    public static ParameterVector Trainable(ParameterVector x, ParameterLayout layout)
    {
        if (layout.TrainableLength == layout.Length) return x;
        var values = FloatPool.CopyOf(x.Span);
        Array.Clear(values, layout.TrainableLength, values.Length - layout.TrainableLength);
        return ParameterVector.Own(values);
    }
}
