using System.Runtime.Intrinsics;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense;

/// <summary>Some consecutive layers of a dense network.</summary>
/// <remarks>
/// All layers of a network, each in some part, move to the bits that <see cref="DenseEngine"/> gives the whole: pieces
/// are those in which it works through a batch, and errors between parts are those between its layers, scaled as it
/// scales them (by −η/n for plain SGD in batches that fit into one piece, else by 1/n).
/// </remarks>
internal abstract unsafe class DensePart : ModelPart
{
    private readonly PartOfModel _part;
    private readonly bool _wide;
    private int _rows;

    private protected DensePart(PartOfModel part, ParameterVector weights, bool wide)
    {
        Network = new DenseNetwork(LayoutOf(part), part.First ? 1 : 0);
        (_part, _wide, Inputs, Outputs) =
            (part, wide, Network.Layer(0).Inputs, Network.Layer(Network.Layers - 1).Outputs);
        Network.Load(part.Values.Take(weights));
    }

    /// <inheritdoc/>
    public override int Inputs { get; }

    /// <inheritdoc/>
    public override int Outputs { get; }

    /// <inheritdoc/>
    public override int MostSamples => DenseNetwork.Rows;

    private protected DenseNetwork Network { get; }

    private protected int Rows => _rows;

    private protected LearningTask Task => _part.Outputs.Task;

    /// <summary>A part of a network.</summary>
    /// <param name="part">Which part of which model.</param>
    /// <param name="weights">Weights of the whole model; those of other layers are not looked at.</param>
    /// <param name="settings">How it is trained; by SGD whose momentum begins anew.</param>
    /// <param name="wide">Whether to use the registers of AVX-512; null where the processor is good at them.</param>
    public static DensePart Of(PartOfModel part, ParameterVector weights, TrainingSettings settings, bool? wide = null)
    {
        var sgd = ((Sgd)settings.Optimizer.Create()).Settings;
        var rates = new DenseRates((float)sgd.LearningRate, (float)sgd.Momentum, (float)sgd.WeightDecay, 0);
        return wide ?? Vector512.IsHardwareAccelerated
            ? new DensePart<WideLanes>(part, weights, rates, wide: true)
            : new DensePart<NarrowLanes>(part, weights, rates, wide: false);
    }

    /// <inheritdoc/>
    public override void Read(DataPart data, ReadOnlySpan<int> samples)
    {
        Reserve(samples.Length);
        data.Read(samples, Network.Activations(0).Rows(samples.Length), Network.Activations(0).Stride);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<float> activations)
    {
        Reserve(activations.Length / Inputs);
        Put(activations, Network.Activations(0), Inputs);
    }

    /// <inheritdoc/>
    public override float[] Forward()
    {
        for (var l = 0; l < Network.Layers; l++)
            ForwardKernel.Run(Network.Activations(l), _rows, Network.Layer(l), Network.Activations(l + 1),
                rectify: !_part.Last || l < Network.Layers - 1, _wide);
        return Get(Network.Activations(Network.Layers), Outputs);
    }

    /// <inheritdoc/>
    public override float[] Test() => Forward();

    /// <inheritdoc/>
    public override float[] Errors() => Get(Network.Errors(0), Inputs);

    /// <inheritdoc/>
    public override MetricSums Score(ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples)
    {
        var (sums, width) = (new BatchSums(Task), outputs.Length / samples.Length);
        Task.Score(new OutputRows(outputs, [], width, width), targets, samples, 0, ref sums);
        return sums.Sums;
    }

    /// <summary>The part's weights as they are now.</summary>
    public ParameterVector Weights() => Network.Gather(Network.Weights);

    /// <inheritdoc/>
    public override void Put(Span<float> whole) => _part.Values.Put(Weights(), whole);

    private protected void Put(ReadOnlySpan<float> values, Matrix matrix, int width)
    {
        for (var row = 0; row < _rows; row++) values.Slice(row * width, width).CopyTo(new(matrix.Row(row), width));
    }

    private float[] Get(Matrix matrix, int width)
    {
        var values = FloatPool.Of(_rows * width);
        for (var row = 0; row < _rows; row++)
            new ReadOnlySpan<float>(matrix.Row(row), width).CopyTo(values.AsSpan(row * width));
        return values;
    }

    private void Reserve(int rows) => Network.Reserve(_rows = rows);

    /// <summary>The layout of vectors of the part alone.</summary>
    private static ParameterLayout LayoutOf(PartOfModel part)
    {
        // slices of layers that follow each other do so, too: there are no buffers
        var first = part.Values.Slices[0].Offset;
        return new ParameterLayout([.. part.Values.Slices.Select(s => s with { Offset = s.Offset - first })]);
    }
}

/// <summary>A part of a dense network on some registers.</summary>
/// <typeparam name="TLanes">The registers.</typeparam>
internal sealed unsafe class DensePart<TLanes> : DensePart where TLanes : struct, ILanes<TLanes>
{
    private readonly DenseRates _rates;
    private readonly Padded? _momentum;
    private readonly int _firstError;
    private long _steps;
    private int _samples, _done; // of the batch, in all and so far
    private BatchSums _sums;

    public DensePart(PartOfModel part, ParameterVector weights, DenseRates rates, bool wide) : base(part, weights, wide)
    {
        (_rates, _firstError) = (rates, part.First ? 1 : 0);
        _momentum = rates.Momentum > 0 ? Network.Vector("momentum") : null;
    }

    /// <inheritdoc/>
    public override MetricSums Metrics => _sums.Samples == 0 ? MetricSums.Zero : _sums.Sums;

    private bool Plain => _momentum is null && _rates.Decay == 0;

    private bool Whole => _samples <= DenseNetwork.Rows;

    /// <inheritdoc/>
    public override void Begin(int samples)
    {
        (_samples, _done, _sums) = (samples, 0, new BatchSums(Task));
        _steps++;
        if (!Whole) Network.Vector("gradient").Span.Clear();
    }

    /// <inheritdoc/>
    public override void Backward(Targets targets, ReadOnlySpan<int> samples)
    {
        var scale = (Plain && Whole ? -_rates.Learning : 1) / _samples;
        var (outputs, errors) = (Network.Activations(Network.Layers), Network.Errors(Network.Layers));
        Task.Score(new OutputRows(outputs.Rows(Rows), errors.Rows(Rows), outputs.Stride, Outputs), targets, samples,
            scale, ref _sums);
        Backward();
    }

    /// <inheritdoc/>
    public override void Backward(ReadOnlySpan<float> errors)
    {
        Put(errors, Network.Errors(Network.Layers), Outputs);
        Backward();
    }

    private void Backward()
    {
        _done += Rows;
        if (!Whole)
        {
            Gradient<Adding<TLanes>>(new((nint)Network.Vector("gradient").Pointer));
            if (_done == _samples) Descend(Network.Vector("gradient"));
        }
        else if (Plain) Gradient<Adding<TLanes>>(new((nint)Network.Weights.Pointer));
        else Gradient<Descending<TLanes>>(Descent());
    }

    private void Gradient<TUse>(TUse use) where TUse : struct, IGradientUse<TLanes>
    {
        var memory = (nint)Network.Weights.Pointer;
        for (var l = Network.Layers - 1; l >= _firstError; l--)
            BackwardKernel.Run<TLanes, TUse>(Network.Errors(l + 1), Network.Activations(l), Rows, Network.Layer(l),
                memory, Network.Errors(l), use, mask: true);
        if (_firstError == 1)
            GradientKernel.Run<TLanes, TUse>(
                Network.Errors(1), Network.Activations(0), Rows, Network.Layer(0), memory, use);
    }

    private void Descend(Padded gradient)
    {
        var descent = Descent();
        for (nint i = 0; i < gradient.Length; i += TLanes.Count) descent.End(TLanes.Load(gradient.Pointer + i), i);
    }

    private Descending<TLanes> Descent() => new((nint)Network.Weights.Pointer,
        _momentum is null ? 0 : (nint)_momentum.Pointer, 0, 0, 0, _rates, First: _steps == 1);
}
