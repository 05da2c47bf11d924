using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>A network of any layers on a lane: its weights, and the memory of a batch. Not thread-safe.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class LayeredNetwork<T> where T : struct, ILanes<T>
{
    private readonly TensorForm[] _forms;
    private readonly int[] _starts; // of each tensor, in floats
    private readonly NetworkPlan<T> _plan;
    private readonly Dictionary<string, Padded> _vectors = [];
    private readonly SampleShape _input;
    private float[] _read = [];
    private int _rows;

    /// <summary>A network that holds no weights yet.</summary>
    /// <param name="architecture">Its layers.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <param name="inputErrors">Whether somebody wants the errors of what it takes in.</param>
    public LayeredNetwork(Architecture architecture, SampleShape input, int outputs, bool inputErrors = false)
    {
        (_input, Layout) = (input, architecture.Layout(input, outputs));
        var raw = NetworkPlan<T>.IsRaw(architecture, inputErrors);
        _forms = [.. Layout.Slices.Select(s => FormOf(s, raw && s.Offset == 0))];
        _starts = new int[_forms.Length];
        var places = new Dictionary<string, int>();
        foreach (var (i, slice) in Layout.Slices.Index())
        {
            places[slice.Name] = _starts[i] = Length;
            Length = checked(Length + _forms[i].Floats);
            if (slice.Trainable) Trainable = Length;
        }
        Weights = new Padded(Length);
        Pass = new Pass<T> { Weights = (nint)Weights.Pointer };
        _plan = new NetworkPlan<T>(architecture, input, outputs, places, inputErrors);
    }

    /// <summary>Layout of the network's vectors.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Floats of a vector in the engine's memory.</summary>
    public int Length { get; }

    /// <summary>Floats of the trainable tensors, which come first.</summary>
    public int Trainable { get; }

    /// <summary>The weights.</summary>
    public Padded Weights { get; }

    /// <summary>What operations are told.</summary>
    public Pass<T> Pass { get; }

    /// <summary>The outputs of the batch.</summary>
    public Matrix Scores => _plan.Output.Maps.AsRows();

    /// <summary>The errors of the outputs.</summary>
    public Matrix ScoreErrors => _plan.Output.ErrorMaps.AsRows();

    /// <summary>Outputs of a sample.</summary>
    public int Outputs => _plan.Output.Channels;

    /// <summary>What it takes in.</summary>
    public Value Input => _plan.Input;

    /// <summary>What it gives.</summary>
    public Value Output => _plan.Output;

    /// <summary>Makes room for the rows of a batch.</summary>
    /// <param name="rows">How many.</param>
    public void Reserve(int rows)
    {
        if (rows <= _rows) return;
        _rows = rows;
        foreach (var value in _plan.Values) value.Reserve(rows);
        foreach (var value in _plan.Values) value.Reserve(rows); // errors that another value has made larger
        foreach (var segment in _plan.Segments)
            foreach (var operation in segment) operation.Reserve(rows);
    }

    /// <summary>Reads samples and works out their outputs.</summary>
    /// <param name="data">Where they are.</param>
    /// <param name="samples">Which they are; there must be room for them.</param>
    public void Forward(DataPart data, ReadOnlySpan<int> samples)
    {
        Read(data, samples);
        Forward(samples.Length);
    }

    /// <summary>Works out what lies in <see cref="Input"/>.</summary>
    /// <param name="rows">Number of samples.</param>
    public void Forward(int rows)
    {
        foreach (var segment in _plan.Segments)
        {
            if (segment[0].Batchwide) segment[0].Forward(0, rows, Pass);
            else
                for (var sample = 0; sample < rows; sample++)
                    foreach (var operation in segment) operation.Forward(sample, 1, Pass);
        }
    }

    /// <summary>Takes the errors of the outputs back, and adds to the gradient.</summary>
    /// <param name="rows">Number of samples.</param>
    public void Backward(int rows)
    {
        foreach (var segment in _plan.Segments)
            foreach (var operation in segment) operation.Prepare(Pass);
        for (var s = _plan.Segments.Count - 1; s >= 0; s--)
        {
            var segment = _plan.Segments[s];
            if (segment[0].Batchwide) segment[0].Backward(0, rows, Pass);
            else
                for (var sample = 0; sample < rows; sample++)
                    for (var o = segment.Length - 1; o >= 0; o--) segment[o].Backward(sample, 1, Pass);
        }
    }

    /// <summary>Puts weights into the network.</summary>
    /// <param name="weights">Weights of the layout.</param>
    public void Load(ParameterVector weights)
    {
        if (weights.Length != Layout.Length)
            throw new ArgumentException($"The model holds {Layout.Length} values, not {weights.Length}.",
                nameof(weights));
        var read = weights.Borrow();
        Spread(read, Weights);
        weights.Return(read);
    }

    /// <summary>Spreads a vector over the engine's memory.</summary>
    /// <param name="vector">A vector of the layout, or of its trainable part.</param>
    /// <param name="memory">Memory of <see cref="Length"/> floats.</param>
    public void Spread(ParameterVector vector, Padded memory)
    {
        foreach (var (i, slice) in Layout.Slices.Index())
            if (slice.Offset + slice.Length <= vector.Length)
                _forms[i].Spread(vector.Span.Slice(slice.Offset, slice.Length), memory.Pointer + _starts[i]);
    }

    /// <summary>The vector that memory holds, in memory of its own.</summary>
    /// <param name="memory">Memory of <see cref="Length"/> floats.</param>
    /// <param name="trainable">Whether the vector is of the trainable part only.</param>
    public ParameterVector Gather(Padded memory, bool trainable = false)
    {
        var values = FloatPool.Of(trainable ? Layout.TrainableLength : Layout.Length);
        foreach (var (i, slice) in Layout.Slices.Index())
            if (slice.Offset + slice.Length <= values.Length)
                _forms[i].Gather(memory.Pointer + _starts[i], values.AsSpan(slice.Offset, slice.Length));
        return ParameterVector.Own(values);
    }

    /// <summary>Memory for a vector of the network's size, kept under a name.</summary>
    /// <param name="name">What it is for.</param>
    public Padded Vector(string name)
    {
        if (!_vectors.TryGetValue(name, out var vector)) _vectors[name] = vector = new Padded(Length);
        return vector;
    }

    /// <summary>Where a trainable tensor lies, and whether it is of a linear layer.</summary>
    public IEnumerable<(int Start, int Length, bool Linear)> Tensors()
    {
        foreach (var (i, slice) in Layout.Slices.Index().Where(s => s.Item.Trainable))
        {
            var weight = slice.Name.EndsWith(".bias", StringComparison.Ordinal) ? Layout.Slices[i - 1] : slice;
            yield return (_starts[i], _forms[i].Floats, weight.Shape.Count == 2);
        }
    }

    /// <summary>Reads samples, which come channel after channel, and go pixel after pixel.</summary>
    /// <param name="data">Where they are.</param>
    /// <param name="samples">Which they are; there must be room for them.</param>
    public void Read(DataPart data, ReadOnlySpan<int> samples)
    {
        var maps = _plan.Input.Maps;
        if (maps.Height == 1 && maps.Width == 1 && maps.Frame == 0 && _input.Length == _plan.Input.Channels)
        {
            data.Read(samples, maps.AsRows().Rows(samples.Length), maps.Channels);
            return;
        }
        var length = _input.Length;
        if (_read.Length < samples.Length * length) _read = new float[checked(samples.Length * length)];
        data.Read(samples, _read.AsSpan(0, samples.Length * length), length);
        for (var sample = 0; sample < samples.Length; sample++)
            for (var y = 0; y < maps.Height; y++)
                Place(_read.AsSpan(sample * length, length), y, maps.At(sample, y, 0), maps);
    }

    private static TensorForm FormOf(ParameterSlice slice, bool raw) => slice.Shape switch
    {
        [var filters, var channels, var size, _] =>
            new FilterForm<T>(filters, channels, size, raw ? channels : Padded.Up(channels)),
        [var rows, var width] => new RowsForm(rows, width),
        _ => new RowsForm(1, slice.Length),
    };

    private void Place(ReadOnlySpan<float> sample, int row, float* to, in Maps maps)
    {
        var (plane, channels) = (maps.Height * maps.Width, _plan.Input.Channels);
        for (var c = 0; c < channels; c++)
        {
            var from = sample.Slice(c * plane + row * maps.Width, maps.Width);
            if (channels == 1) from.CopyTo(new(to, maps.Width));
            else
                for (var x = 0; x < maps.Width; x++) to[x * maps.Channels + c] = from[x];
        }
    }
}
