namespace Orleans.FL.Learning.Tasks;

/// <summary>Outputs of some samples, and where the gradient of the loss in them goes.</summary>
/// <param name="values">The outputs: rows of <paramref name="width"/> values, each begins <paramref name="stride"/>
/// values behind the one before.</param>
/// <param name="errors">Takes the errors, likewise; empty if nobody wants them.</param>
/// <param name="stride">Values from one row to the next.</param>
/// <param name="width">Outputs of a sample.</param>
public readonly ref struct OutputRows(ReadOnlySpan<float> values, Span<float> errors, int stride, int width)
{
    private readonly ReadOnlySpan<float> _values = values;
    private readonly Span<float> _errors = errors;
    private readonly int _stride = stride, _width = width;

    /// <summary>Outputs of one sample.</summary>
    /// <param name="row">Its place.</param>
    public ReadOnlySpan<float> Of(int row) => _values.Slice(row * _stride, _width);

    /// <summary>Where the errors of one sample go; empty if nobody wants them.</summary>
    /// <param name="row">Its place.</param>
    public Span<float> ErrorsOf(int row) => _errors.IsEmpty ? [] : _errors.Slice(row * _stride, _width);
}
