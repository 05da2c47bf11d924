using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense;

/// <summary>The memory of one dense network on a lane: weights, and the activations and errors of a batch.</summary>
/// <remarks>
/// Not thread-safe. Vectors of the network's size have its rows filled up with zeros, as the kernels want them.
/// </remarks>
internal sealed unsafe class DenseNetwork
{
    /// <summary>Most rows that the layers' memory holds; larger batches are worked through in parts.</summary>
    public const int Rows = 256;

    private readonly int[] _widths;
    private readonly int[] _starts; // of each slice, in padded memory
    private readonly Padded?[] _activations, _errors; // by layer; made larger when a batch needs it
    private readonly Dictionary<string, Padded> _vectors = [];
    private readonly int _firstError;
    private int _rows;

    /// <summary>A network that holds no weights yet.</summary>
    /// <param name="layout">Layout of its vectors: weight and bias of each layer.</param>
    /// <param name="firstError">First layer whose input has an error: 1, or 0 where the input is what other layers
    /// gave.</param>
    public DenseNetwork(ParameterLayout layout, int firstError = 1)
    {
        _firstError = firstError;
        Layout = layout;
        Layers = layout.Slices.Count / 2;
        _widths = [layout.Slices[0].Shape[1],
            .. Enumerable.Range(0, Layers).Select(l => layout.Slices[2 * l].Shape[0])];
        _starts = new int[layout.Slices.Count];
        foreach (var (i, slice) in layout.Slices.Index())
        {
            _starts[i] = Length;
            Length = checked(Length + RowsOf(slice) * Padded.Up(slice.Shape[^1]));
        }
        (_activations, _errors) = (new Padded?[Layers + 1], new Padded?[Layers + 1]);
        Weights = new Padded(Length);
    }

    /// <summary>Layout of the network's vectors.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Number of linear layers.</summary>
    public int Layers { get; }

    /// <summary>Number of floats of a vector with its rows filled up.</summary>
    public int Length { get; }

    /// <summary>The weights.</summary>
    public Padded Weights { get; }

    /// <summary>A layer, from 0.</summary>
    /// <param name="index">Index of the layer.</param>
    public LinearWeights Layer(int index) =>
        new(new((nint)(Weights.Pointer + _starts[2 * index]), Padded.Up(_widths[index])),
            new((nint)(Weights.Pointer + _starts[2 * index + 1]), Padded.Up(_widths[index + 1])), _widths[index],
            _widths[index + 1]);

    /// <summary>What a layer takes in, or the scores behind the last one.</summary>
    /// <param name="layer">Index of the layer; number of layers for the scores.</param>
    public Matrix Activations(int layer) => MatrixOf(_activations[layer], layer);

    /// <summary>Gradient of the loss in <see cref="Activations"/>; there is none for the pixels.</summary>
    /// <param name="layer">Index of the layer, from 1 (from 0 where the input has an error); number of layers for the
    /// scores.</param>
    public Matrix Errors(int layer) => MatrixOf(_errors[layer], layer);

    /// <summary>Scores of one sample of the batch that was worked out last.</summary>
    /// <param name="row">Its place in the batch.</param>
    public ReadOnlySpan<float> Scores(int row) => new(Activations(Layers).Row(row), _widths[Layers]);

    /// <summary>Makes room for the rows of a batch.</summary>
    /// <param name="rows">How many, at most <see cref="Rows"/>.</param>
    public void Reserve(int rows)
    {
        if (rows <= _rows) return;
        _rows = rows;
        for (var l = 0; l <= Layers; l++)
        {
            _activations[l] = new Padded(checked(rows * Padded.Up(_widths[l])));
            if (l >= _firstError) _errors[l] = new Padded(checked(rows * Padded.Up(_widths[l])));
        }
    }

    /// <summary>Puts weights into the network.</summary>
    /// <param name="weights">Weights of this layout.</param>
    public void Load(ParameterVector weights)
    {
        if (weights.Length != Layout.Length)
            throw new ArgumentException($"The model holds {Layout.Length} values, not {weights.Length}.",
                nameof(weights));
        var read = weights.Borrow();
        Spread(read, Weights);
        weights.Return(read);
    }

    /// <summary>Spreads a vector over padded memory.</summary>
    /// <param name="vector">A vector of the layout.</param>
    /// <param name="memory">Memory of <see cref="Length"/> floats; its filling is zero afterwards.</param>
    public void Spread(ParameterVector vector, Padded memory)
    {
        foreach (var (from, to, length) in Runs())
        {
            vector.Span.Slice(from, length).CopyTo(memory.Span[to..]);
            memory.Span.Slice(to + length, Padded.Up(length) - length).Clear(); // NaN, where a training diverged before
        }
    }

    /// <summary>The vector that padded memory holds, in memory of its own.</summary>
    /// <param name="memory">Memory of <see cref="Length"/> floats.</param>
    public ParameterVector Gather(Padded memory)
    {
        var values = FloatPool.Of(Layout.Length);
        foreach (var (to, from, length) in Runs()) memory.Span.Slice(from, length).CopyTo(values.AsSpan(to));
        return ParameterVector.Own(values);
    }

    /// <summary>Memory for a vector of the network's size, kept under a name.</summary>
    /// <param name="name">What it is for.</param>
    public Padded Vector(string name)
    {
        if (!_vectors.TryGetValue(name, out var vector)) _vectors[name] = vector = new Padded(Length);
        return vector;
    }

    // reserved before
    private Matrix MatrixOf(Padded? memory, int layer) => new((nint)memory!.Pointer, Padded.Up(_widths[layer]));

    /// <summary>
    /// What lies in one piece in a vector and in padded memory: rows, or slices whose rows need no filling.
    /// </summary>
    private IEnumerable<(int Vector, int Memory, int Length)> Runs()
    {
        foreach (var (i, slice) in Layout.Slices.Index())
        {
            var width = slice.Shape[^1] % Padded.Unit == 0 ? slice.Length : slice.Shape[^1];
            for (var row = 0; row < slice.Length / width; row++)
                yield return (slice.Offset + row * width, _starts[i] + row * Padded.Up(width), width);
        }
    }

    private static int RowsOf(ParameterSlice slice) => slice.Shape.Count == 1 ? 1 : slice.Shape[0];
}
