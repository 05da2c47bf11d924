using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using TorchSharp;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Batched;

/// <summary>
/// Networks of several nodes, their weights in one buffer (nodes, parameters), and one forward pass for all of them.
/// </summary>
/// <remarks>
/// Every layer is one <c>bmm</c> over the nodes, a convolution by way of its patches: a grouped convolution gives a
/// node other bits in other client batch. So does <c>bmm</c> where a node's matrices begin at other places modulo 64
/// bytes; hence rows and columns are filled up with zeros to multiples of <see cref="AlignedFloats.Unit"/>, whatever
/// the batch. What goes into a product is made contiguous: of one node, a reordered tensor may stay a view, and is
/// multiplied in another order. Activations are (nodes, features, samples).
/// </remarks>
internal sealed class BatchedNetwork : IDisposable
{
    private readonly LayerStack _stack;
    private readonly LaneDevice _device;
    private readonly int _outputs;
    private readonly (int Rows, int Columns)[] _sizes; // of each slice, not filled up
    private readonly int[] _starts;
    private readonly NetworkPart[][] _parts;
    private readonly int _stride;
    private AlignedFloats? _values;
    private Tensor? _mirror; // the networks' own memory, where that is not _values
    private int _nodes;

    /// <summary>Networks of a model; there is none before <see cref="Reserve"/>.</summary>
    /// <param name="stack">The model.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <param name="device">Where they compute.</param>
    public BatchedNetwork(LayerStack stack, ParameterLayout layout, SampleShape input, int outputs, LaneDevice device)
    {
        (_stack, _outputs, _device, Layout) = (stack, outputs, device, layout);
        _sizes = [.. stack.Layers(input, outputs)
            .SelectMany(layer => new[] { (layer.Outputs, layer.Inputs), (layer.Outputs, 1) })];
        _starts = new int[_sizes.Length];
        foreach (var (s, slice) in layout.Slices.Index())
        {
            if (slice.Length != _sizes[s].Rows * _sizes[s].Columns)
                throw new InvalidOperationException(
                    $"The slice {slice.Name} of the layout has {slice.Length} values, its layer has others.");
            _starts[s] = _stride;
            _stride = checked(_stride + LengthOf(s));
        }
        _parts = [.. _sizes.Select((_, s) => PartsOf(s))];
    }

    /// <summary>What a node's values mean.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Makes room for networks; what was in them is lost.</summary>
    /// <param name="nodes">How many.</param>
    public void Reserve(int nodes)
    {
        _nodes = nodes;
        if (_values is not null && _values.Length >= checked(nodes * _stride)) return;
        Dispose();
        _values = new AlignedFloats(checked(nodes * _stride));
        _values.Span.Clear();
        if (_device.Mirrored)
            _mirror = empty(_values.Length, device: torch.device(_device.Name)).DetachFromDisposeScope();
    }

    /// <summary>Puts weights into a network.</summary>
    /// <param name="node">Which network.</param>
    /// <param name="weights">Weights of this layout.</param>
    public void Load(int node, ParameterVector weights)
    {
        foreach (var part in _parts.SelectMany(p => p))
            weights.Span.Slice(part.Offset, part.Length).CopyTo(Values(node, part));
    }

    /// <summary>The weights of a network as they are now, in memory of their own.</summary>
    /// <param name="node">Which network.</param>
    public ParameterVector Read(int node)
    {
        var values = FloatPool.Of(Layout.Length);
        foreach (var part in _parts.SelectMany(p => p)) Values(node, part).CopyTo(values.AsSpan(part.Offset));
        return ParameterVector.Own(values);
    }

    /// <summary>Hands the values, as C# left them, to the networks; nothing to do where they share memory.</summary>
    public void Upload()
    {
        if (_mirror is null) return;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        _mirror.narrow(0, 0, _nodes * _stride).copy_(_values!.Tensor.narrow(0, 0, _nodes * _stride)); // reserved
    }

    /// <summary>Runs of values of a slice that lie together in the buffer and in a vector, in vector order.</summary>
    /// <param name="slice">Index of the slice.</param>
    public ReadOnlySpan<NetworkPart> Parts(int slice) => _parts[slice];

    /// <summary>The values of a part, as C# sees them.</summary>
    /// <param name="node">Which network.</param>
    /// <param name="part">The part.</param>
    public Span<float> Values(int node, NetworkPart part) =>
        _values!.Span.Slice(node * _stride + _starts[part.Slice] + part.Start, part.Length); // reserved

    /// <summary>Values of a slice of one node, filled up.</summary>
    /// <param name="slice">Index of the slice.</param>
    public int LengthOf(int slice) => Filled(_sizes[slice].Rows) * Columns(slice);

    /// <summary>
    /// Leaves of a graph for some networks, one a slice: (nodes, rows, columns), filled up; owned by the current scope.
    /// </summary>
    /// <param name="nodes">Which networks, ascending.</param>
    public Tensor[] Leaves(long[] nodes)
    {
        using var noGradient = no_grad();
        var memory = (_mirror ?? _values!.Tensor).narrow(0, 0, _nodes * _stride).view(_nodes, _stride); // reserved
        if (nodes.Length < _nodes) memory = memory.index_select(0, tensor(nodes, device: torch.device(_device.Name)));
        return [.. _sizes.Select((size, s) =>
            memory.narrow(1, _starts[s], LengthOf(s)).view(nodes.Length, Filled(size.Rows), Columns(s)).detach()
                .requires_grad_(true))];
    }

    /// <summary>Outputs of a batch of each of some nodes.</summary>
    /// <param name="leaves">The nodes' weights.</param>
    /// <param name="images">Images (nodes · batch, channels, height, width), node after node.</param>
    /// <returns>(nodes · batch, outputs).</returns>
    public Tensor Forward(Tensor[] leaves, Tensor images)
    {
        var nodes = leaves[0].shape[0];
        var batch = images.shape[0] / nodes;
        var layer = 0;
        foreach (var convolution in _stack.Convolutions)
            images = Convolve(convolution, leaves, layer++, images, nodes, batch);
        var x = images.view(nodes, batch, -1);                               // (nodes, batch, features)
        x = FillUp(x, 2).transpose(1, 2);                                    // (nodes, features, batch)
        // a lone column has other bits alone than in client batch
        if (batch == 1) x = nn.functional.pad(x, [0, 1]);
        for (var i = 0; i < _stack.Linear.Names.Count; i++)
        {
            if (i > 0) x = x.relu();
            x = Product(leaves, layer++, x);
        }
        return x.narrow(1, 0, _outputs).narrow(2, 0, batch).transpose(1, 2)
            .reshape(nodes * batch, _outputs).contiguous();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values?.Dispose();
        _mirror?.Dispose();
        (_values, _mirror) = (null, null);
    }

    /// <summary>
    /// A convolution as a product with the patches of the images, ReLU and pooling: (nodes · batch, channels, height,
    /// width) on both sides.
    /// </summary>
    private static Tensor Convolve(
        Convolution convolution, Tensor[] leaves, int layer, Tensor images, long nodes, long batch)
    {
        var (height, width) = (images.shape[2], images.shape[3]);
        // (nodes · batch, inputs, pixels)
        var patches = nn.functional.unfold(images, convolution.Size, padding: convolution.Size / 2);
        var inputs = patches.shape[1];
        patches = patches.view(nodes, batch, inputs, height * width).permute(0, 2, 1, 3)
            .reshape(nodes, inputs, batch * height * width).contiguous();
        var y = Product(leaves, layer, FillUp(patches, 1)).relu().narrow(1, 0, convolution.Channels);
        y = nn.functional.max_pool2d(y.reshape(nodes * convolution.Channels, batch, height, width), 2);
        return y.view(nodes, convolution.Channels, batch, height / 2, width / 2).permute(0, 2, 1, 3, 4)
            .reshape(nodes * batch, convolution.Channels, height / 2, width / 2).contiguous();
    }

    /// <summary>The outputs of a layer for (nodes, inputs, n): (nodes, outputs, n).</summary>
    private static Tensor Product(Tensor[] leaves, int layer, Tensor x) =>
        bmm(leaves[2 * layer], x).add(leaves[2 * layer + 1], Scalars.One);

    private static Tensor FillUp(Tensor x, int dimension)
    {
        var missing = Filled((int)x.shape[dimension]) - x.shape[dimension];
        if (missing == 0) return x;
        return nn.functional.pad(x, dimension == 2 ? [0, missing] : [0, 0, 0, missing]);
    }

    private NetworkPart[] PartsOf(int slice)
    {
        var ((rows, columns), offset) = (_sizes[slice], Layout.Slices[slice].Offset);
        return Columns(slice) == columns
            ? [new(slice, 0, offset, rows * columns)]
            : [.. Enumerable.Range(0, rows)
                .Select(row => new NetworkPart(slice, row * Columns(slice), offset + row * columns, columns))];
    }

    /// <summary>Columns of a slice, filled up; each second slice is a bias.</summary>
    private int Columns(int slice) => slice % 2 == 1 ? 1 : Filled(_sizes[slice].Columns);

    private static int Filled(int length) =>
        checked(length + AlignedFloats.Unit - 1) / AlignedFloats.Unit * AlignedFloats.Unit;
}

/// <summary>Values that lie together in the buffer of a <see cref="BatchedNetwork"/> and in a vector.</summary>
/// <param name="Slice">Index of their slice.</param>
/// <param name="Start">Index of the first in its node's slice, filled up.</param>
/// <param name="Offset">Index of the first in a vector of the layout.</param>
/// <param name="Length">How many.</param>
internal readonly record struct NetworkPart(int Slice, int Start, int Offset, int Length);
