using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>The operations of a network, from its layers.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed class NetworkPlan<T> where T : struct, ILanes<T>
{
    private readonly Dictionary<string, int> _places;
    private readonly int _outputs;
    private readonly bool _inputErrors;
    private readonly List<Value> _values = [];
    private readonly List<Operation<T>> _operations = [];
    private int _dropouts;

    /// <summary>Lays a network out.</summary>
    /// <param name="architecture">Its layers.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <param name="places">Place of each tensor among the weights, by its name.</param>
    /// <param name="inputErrors">Whether somebody wants the errors of what it takes in.</param>
    public NetworkPlan(Architecture architecture, SampleShape input, int outputs, Dictionary<string, int> places,
        bool inputErrors)
    {
        (_places, _outputs, _inputErrors) = (places, outputs, inputErrors);
        var rows = architecture.Layers is [Flatten, ..]; // channel after channel, as samples are read
        Input = New(rows ? new SampleShape(input.Length) : input, raw: IsRaw(architecture, inputErrors));
        Output = Lower(architecture.Layers, rows ? 1 : 0, Input, "", rows ? new(input.Length) : input);
        Segments = Cut();
        LayErrorsOut();
    }

    /// <summary>What the network takes in.</summary>
    public Value Input { get; }

    /// <summary>What it gives.</summary>
    public Value Output { get; }

    /// <summary>All values.</summary>
    public IReadOnlyList<Value> Values => _values;

    /// <summary>
    /// The operations from input to output: those of a segment go sample by sample, unless it is a single one that
    /// wants all samples.
    /// </summary>
    public IReadOnlyList<Operation<T>[]> Segments { get; }

    /// <summary>Whether pixels of samples are not filled up: where a convolution alone looks at them.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="inputErrors">Whether somebody wants the errors of what it takes in.</param>
    public static bool IsRaw(Architecture architecture, bool inputErrors) =>
        !inputErrors && architecture.Layers is [Convolution, ..];

    private bool IsInput(Value value) => !_inputErrors && value == _values[0];

    private Value New(SampleShape shape, bool raw = false)
    {
        var value = new Value(shape, raw);
        _values.Add(value);
        return value;
    }

    private Value Lower(IReadOnlyList<Layer> layers, int from, Value value, string prefix, SampleShape shape)
    {
        for (var i = from; i < layers.Count; i++)
        {
            var layer = layers[i];
            var rectified = i + 1 < layers.Count && layers[i + 1] is Relu;
            var pool = rectified && i + 2 < layers.Count ? layers[i + 2] as MaxPool : null;
            var next = layer.OutputOf(shape, _outputs);
            value = Lower(layer, value, prefix, shape, next, rectified && pool is null);
            if (rectified && pool is not null && layer is not Linear) // of ReLU and pooling, in any order
            {
                shape = next;
                next = pool.OutputOf(shape, _outputs);
                value = Add(new MaxPoolOperation<T>(value, New(next), pool.Size, rectify: true));
                i += 2;
            }
            else if (rectified)
            {
                if (!Rectifies(layer)) Add(new ReluOperation<T>(value));
                i++;
            }
            shape = next;
        }
        return value;
    }

    /// <summary>Whether the operation of a layer takes the ReLU behind it along.</summary>
    private static bool Rectifies(Layer layer) =>
        layer is Linear or BatchNorm or GroupNorm
        || layer is Residual { Last: BatchNorm or GroupNorm };

    private Value Lower(Layer layer, Value value, string prefix, SampleShape shape, SampleShape next, bool rectify)
    {
        var name = prefix + layer.Name;
        switch (layer)
        {
            case Convolution convolution:
                return Add(new ConvolutionOperation<T>(convolution, value, New(next), _places[$"{name}.weight"],
                    convolution.Bias ? _places[$"{name}.bias"] : -1, first: IsInput(value)));
            case Linear:
                return Add(new LinearOperation<T>(
                    value, New(next), _places[$"{name}.weight"], _places[$"{name}.bias"], rectify));
            case BatchNorm or GroupNorm: return Norm(layer, name, value, New(next), null, rectify);
            case Relu:
                Add(new ReluOperation<T>(value));
                return value;
            case Flatten: return shape.Sizes.Count == 1 ? value : Add(new FlattenOperation<T>(value, New(next)));
            case MaxPool pool: return Add(new MaxPoolOperation<T>(value, New(next), pool.Size, rectify: false));
            case AveragePool pool: return Add(new AveragePoolOperation<T>(value, New(next), pool.Size));
            case MeanOfMaps: return Add(new MeanOperation<T>(value, New(next)));
            case Dropout: return Add(new DropoutOperation<T>(value, _dropouts++));
            case Block block: return Lower(block.Layers, 0, value, name + ".", shape);
            case Residual residual: return Lower(residual, value, name + ".", shape, next, rectify);
            default:
                throw new NotSupportedException(
                    $"The dense engine does not know the layer {layer.GetType().Name}; use the engine torch.");
        }
    }

    private Value Lower(
        Residual residual, Value value, string prefix, SampleShape shape, SampleShape next, bool rectify)
    {
        var shortcut = residual.Shortcut.Count == 0
            ? value
            : Lower(residual.Shortcut, 0, value, prefix + "shortcut.", shape);
        if (residual.Last is not (BatchNorm or GroupNorm) || residual.Last is not { } last)
        {
            var sum = Lower(residual.Layers, 0, value, prefix, shape);
            return Add(new AddOperation<T>(sum, shortcut, New(next)));
        }
        var maps = Lower([.. residual.Layers.SkipLast(1)], 0, value, prefix, shape);
        return Norm(last, prefix + last.Name, maps, New(next), shortcut, rectify);
    }

    private Value Norm(Layer layer, string name, Value value, Value output, Value? added, bool rectify)
    {
        var (factors, offsets) = (_places[$"{name}.weight"], _places[$"{name}.bias"]);
        return Add(layer is GroupNorm group
            ? new GroupNormOperation<T>(value, output, added, rectify, new(factors, offsets), group.Groups)
            : new BatchNormOperation<T>(value, output, added, rectify,
                new(factors, offsets, _places[$"{name}.running_mean"], _places[$"{name}.running_var"])));
    }

    private Value Add(Operation<T> operation)
    {
        _operations.Add(operation);
        return operation.Output;
    }

    /// <summary>Cuts before and behind what wants all samples, and notes which values cross a cut.</summary>
    private List<Operation<T>[]> Cut()
    {
        var segments = new List<Operation<T>[]>();
        var open = new List<Operation<T>>();
        foreach (var operation in _operations)
        {
            if (operation.Batchwide) Close();
            open.Add(operation);
            if (operation.Batchwide) Close();
        }
        Close();
        foreach (var value in _values)
        {
            var touching = segments.Where(s => s.Any(o => o.Input == value || o.Output == value || o.Added == value));
            value.Leaves = value == Input || value == Output || touching.Take(2).Count() > 1
                || touching.Any(s => s[0].Batchwide);
        }
        foreach (var operation in _operations.Where(o => o.Added is not null)) // they share memory of errors
            (operation.Output.Leaves, operation.Added!.Leaves) = (true, true);
        return segments;

        void Close()
        {
            if (open.Count > 0) segments.Add([.. open]);
            open.Clear();
        }
    }

    /// <summary>Gives errors their memory, last operation first, which values of one shape use in turns.</summary>
    private void LayErrorsOut()
    {
        var free = new Dictionary<(int, int, int, int, bool), Stack<ErrorMemory>>();
        foreach (var operation in _operations.Where(o => o.Added is not null))
            operation.Output.ErrorFrame = operation.Added!.ErrorFrame;
        Output.Errors = Take(Output);
        foreach (var operation in Enumerable.Reverse(_operations))
        {
            if (operation.Output.Errors is not { } errors) continue;
            if (operation.Added is { } added && !IsInput(added))
            {
                if (added.Errors is not null) throw new NotSupportedException("A shortcut's value has errors already.");
                added.Errors = errors;
                errors.Users++;
            }
            if (operation.Input == operation.Output || IsInput(operation.Input)) { }
            else if (operation.Input.Errors is null)
            {
                operation.Target = ErrorTarget.Write;
                operation.Input.Errors = Take(operation.Input);
            }
            else
            {
                operation.Target = ErrorTarget.Add;
                operation.Extra = Take(operation.Input);
                Return(operation.Input, operation.Extra);
            }
            if (operation.Input != operation.Output && --errors.Users == 0) Return(operation.Output, errors);
        }

        ErrorMemory Take(Value value)
        {
            if (!free.TryGetValue(Key(value), out var stack) || !stack.TryPop(out var memory))
                memory = new(shared: !value.Leaves);
            memory.Users = 1;
            return memory;
        }

        void Return(Value value, ErrorMemory memory)
        {
            if (!free.TryGetValue(Key(value), out var stack)) free[Key(value)] = stack = [];
            stack.Push(memory);
        }

        static (int, int, int, int, bool) Key(Value v) => (v.Height, v.Width, v.Floats, v.ErrorFrame, v.Leaves);
    }
}
