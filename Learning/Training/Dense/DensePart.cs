using System.Runtime.Intrinsics;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training.Dense;

/// <summary>Some consecutive layers of a dense network, trained and tested at one place while the layers around them are at another.</summary>
/// <remarks>
/// Has memory of its own and belongs to no lane, so that a lane is held for half a step and not for what the other side does with it. A batch
/// is worked through in pieces of at most <see cref="DenseNetwork.Rows"/> samples. All layers of a network, each in some part, move
/// to the bits that <see cref="DenseEngine"/> gives the whole: errors between parts are those between its layers, scaled as it scales them (by −η/n
/// for plain SGD in batches that fit into one piece, else by 1/n). Not thread-safe.
/// </remarks>
internal abstract unsafe class DensePart
{
    private readonly PixelReader _reader = new();
    private readonly bool _last, _wide;
    private int _rows;

    private protected DensePart(DenseNetwork network, PartOfModel part, bool wide)
    {
        (Network, _wide, _last) = (network, wide, part.Last);
        (Inputs, Outputs) = (network.Layer(0).Inputs, network.Layer(network.Layers - 1).Outputs);
    }

    /// <summary>Values that a sample has before the first of the layers.</summary>
    public int Inputs { get; }

    /// <summary>Values that a sample has behind the last of the layers.</summary>
    public int Outputs { get; }

    private protected DenseNetwork Network { get; }

    private protected int Rows => _rows;

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
            ? new DensePart<WideLanes>(part, part.Take(weights), rates, wide: true)
            : new DensePart<NarrowLanes>(part, part.Take(weights), rates, wide: false);
    }

    /// <summary>Reads the pixels of a piece.</summary>
    /// <param name="data">Where the samples are.</param>
    /// <param name="samples">Which they are.</param>
    public void Read(ImageSet data, ReadOnlySpan<int> samples)
    {
        Reserve(samples.Length);
        var pixels = Network.Activations(0);
        for (var row = 0; row < samples.Length; row++) _reader.Read(data, samples[row], new(pixels.Row(row), Inputs));
    }

    /// <summary>Takes over what the layers before this part made of a piece.</summary>
    /// <param name="activations">(rows, inputs), row after row.</param>
    public void Read(ReadOnlySpan<float> activations)
    {
        Reserve(activations.Length / Inputs);
        Put(activations, Network.Activations(0), Inputs);
    }

    /// <summary>Works the layers out.</summary>
    /// <returns>(rows, outputs), row after row.</returns>
    public float[] Forward()
    {
        for (var l = 0; l < Network.Layers; l++)
            ForwardKernel.Run(Network.Activations(l), _rows, Network.Layer(l), Network.Activations(l + 1),
                rectify: !_last || l < Network.Layers - 1, _wide);
        return Get(Network.Activations(Network.Layers), Outputs);
    }

    /// <summary>Begins a step on a batch.</summary>
    /// <param name="samples">Number of its samples, in all of its pieces.</param>
    public abstract void Begin(int samples);

    /// <summary>Compares the scores of a piece with its labels, and takes the errors back; for a network's last part.</summary>
    /// <param name="labels">Its labels, each one of the classes.</param>
    /// <param name="score">Takes loss and right labels.</param>
    public abstract void Backward(ReadOnlySpan<int> labels, PieceScore score);

    /// <summary>Takes the errors of a piece back; after the last piece of a batch the weights move.</summary>
    /// <param name="errors">(rows, outputs), row after row.</param>
    public abstract void Backward(ReadOnlySpan<float> errors);

    /// <summary>What the layers before this part are to take back, in the piece that was taken back last.</summary>
    /// <returns>(rows, inputs), row after row.</returns>
    public float[] Errors() => Get(Network.Errors(0), Inputs);

    /// <summary>The part's weights as they are now.</summary>
    public ParameterVector Weights() => Network.Gather(Network.Weights);

    private protected void Put(ReadOnlySpan<float> values, Matrix matrix, int width)
    {
        for (var row = 0; row < _rows; row++) values.Slice(row * width, width).CopyTo(new(matrix.Row(row), width));
    }

    private float[] Get(Matrix matrix, int width)
    {
        var values = FreshFloats.Of(_rows * width);
        for (var row = 0; row < _rows; row++) new ReadOnlySpan<float>(matrix.Row(row), width).CopyTo(values.AsSpan(row * width));
        return values;
    }

    private void Reserve(int rows) => Network.Reserve(_rows = rows);
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

    public DensePart(PartOfModel part, ParameterVector weights, DenseRates rates, bool wide)
        : base(new DenseNetwork(part.Layout, part.First ? 1 : 0), part, wide)
    {
        (_rates, _firstError) = (rates, part.First ? 1 : 0);
        _momentum = rates.Momentum > 0 ? Network.Vector("momentum") : null;
        Network.Load(weights);
    }

    private bool Plain => _momentum is null && _rates.Decay == 0;

    private bool Whole => _samples <= DenseNetwork.Rows;

    /// <inheritdoc/>
    public override void Begin(int samples)
    {
        (_samples, _done) = (samples, 0);
        _steps++;
        if (!Whole) Network.Vector("gradient").Span.Clear();
    }

    /// <inheritdoc/>
    public override void Backward(ReadOnlySpan<int> labels, PieceScore score)
    {
        var scale = (Plain && Whole ? -_rates.Learning : 1) / _samples;
        var (scores, errors) = (Network.Activations(Network.Layers), Network.Errors(Network.Layers));
        for (var row = 0; row < Rows; row++)
            score.Add(new(scores.Row(row), Outputs), labels[row], new(errors.Row(row), Outputs), scale);
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
        for (var l = Network.Layers - 1; l >= _firstError; l--)
            BackwardKernel.Run<TLanes>(Network.Errors(l + 1), Rows, Network.Layer(l), Network.Activations(l), Network.Errors(l));
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
        for (var l = 0; l < Network.Layers; l++)
            GradientKernel.Run<TLanes, TUse>(
                Network.Errors(l + 1), Network.Activations(l), Rows, Network.Layer(l), (nint)Network.Weights.Pointer, use);
    }

    private void Descend(Padded gradient)
    {
        var descent = Descent();
        for (nint i = 0; i < gradient.Length; i += TLanes.Count) descent.End(TLanes.Load(gradient.Pointer + i), i);
    }

    private Descending<TLanes> Descent() => new(
        (nint)Network.Weights.Pointer, _momentum is null ? 0 : (nint)_momentum.Pointer, 0, 0, 0, _rates, First: _steps == 1);
}
