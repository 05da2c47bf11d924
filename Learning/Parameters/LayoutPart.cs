namespace Orleans.FL.Learning.Parameters;

/// <summary>Some slices of a layout: what is sent of a model, frozen in it, or kept by its node.</summary>
public sealed class LayoutPart
{
    private readonly ParameterLayout _layout;

    private LayoutPart(ParameterLayout layout, IReadOnlyList<ParameterSlice> slices) =>
        (_layout, Slices, Length) = (layout, slices, slices.Sum(s => s.Length));

    /// <summary>The slices, in vector order.</summary>
    public IReadOnlyList<ParameterSlice> Slices { get; }

    /// <summary>Number of values.</summary>
    public int Length { get; }

    /// <summary>Whether it is the whole layout.</summary>
    public bool IsWhole => Length == _layout.Length;

    /// <summary>The slices that are not in it.</summary>
    public LayoutPart Rest => new(_layout, [.. _layout.Slices.Except(Slices)]);

    /// <summary>A vector of the layout: 1 in the part, 0 elsewhere.</summary>
    public ParameterVector Mask
    {
        get
        {
            var mask = new float[_layout.Length];
            foreach (var slice in Slices) mask.AsSpan(slice.Offset, slice.Length).Fill(1);
            return ParameterVector.Own(mask);
        }
    }

    /// <summary>The slices that a condition picks.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="picked">The condition.</param>
    public static LayoutPart Where(ParameterLayout layout, Func<ParameterSlice, bool> picked) =>
        new(layout, [.. layout.Slices.Where(picked)]);

    /// <summary>
    /// Names of the layers that are trained, in vector order; a layer is what the first part of its
    /// tensors' names says.
    /// </summary>
    /// <param name="layout">The layout.</param>
    public static IReadOnlyList<string> LayersOf(ParameterLayout layout) =>
        [.. layout.Slices.Where(s => s.Trainable).Select(s => Layer(s.Name)).Distinct()];

    /// <summary>Layers, with all of their tensors.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="names">Names out of <see cref="LayersOf"/>.</param>
    public static LayoutPart OfLayers(ParameterLayout layout, IEnumerable<string> names)
    {
        var picked = names.ToHashSet();
        return Where(layout, s => picked.Contains(Layer(s.Name)));
    }

    /// <summary>The last layers that are trained, with all of their tensors.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="layers">How many; 1 is the classifier.</param>
    public static LayoutPart LastLayers(ParameterLayout layout, int layers) =>
        OfLayers(layout, LayersOf(layout).TakeLast(layers));

    /// <summary>BatchNorm: factors, offsets and running statistics of the layers that have such.</summary>
    /// <param name="layout">The layout.</param>
    public static LayoutPart BatchNorm(ParameterLayout layout)
    {
        const string mean = ".running_mean";
        var owners = layout.Slices.Where(s => s.Name.EndsWith(mean, StringComparison.Ordinal))
            .Select(s => s.Name[..^mean.Length]).ToHashSet();
        return Where(layout, s => owners.Contains(s.Name[..Math.Max(0, s.Name.LastIndexOf('.'))]));
    }

    /// <summary>The part of a vector, slice after slice.</summary>
    /// <param name="whole">A vector of the layout.</param>
    /// <returns>The very vector if the part is the whole.</returns>
    public ParameterVector Take(ParameterVector whole)
    {
        if (IsWhole) return whole;
        var values = FloatPool.Of(Length);
        var at = 0;
        foreach (var slice in Slices)
        {
            whole.Span.Slice(slice.Offset, slice.Length).CopyTo(values.AsSpan(at));
            at += slice.Length;
        }
        return ParameterVector.Own(values);
    }

    /// <summary>A vector with its part replaced.</summary>
    /// <param name="part">What <see cref="Take"/> gives.</param>
    /// <param name="whole">A vector of the layout.</param>
    /// <returns>The very part if it is the whole.</returns>
    public ParameterVector Put(ParameterVector part, ParameterVector whole)
    {
        if (part.Length != Length)
            throw new ArgumentException($"A part of {part.Length} values is no part of {Length}.", nameof(part));
        if (IsWhole) return part;
        var values = FloatPool.CopyOf(whole.Span);
        Put(part, values);
        return ParameterVector.Own(values);
    }

    /// <summary>Replaces the part of a vector.</summary>
    /// <param name="part">What <see cref="Take"/> gives.</param>
    /// <param name="whole">Values of a vector of the layout; changed.</param>
    public void Put(ParameterVector part, Span<float> whole)
    {
        var at = 0;
        foreach (var slice in Slices)
        {
            part.Span.Slice(at, slice.Length).CopyTo(whole[slice.Offset..]);
            at += slice.Length;
        }
    }

    private static string Layer(string name) => name.Split('.', 2)[0];
}
