using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Training.Dense;

/// <summary>One batch on its way through a network, or a part of one that is too large for the network's memory.</summary>
/// <param name="network">The network, whose memory the batch uses.</param>
/// <param name="reader">Reads pixels.</param>
/// <param name="data">Where the samples are.</param>
/// <param name="wide">Whether to use the registers of AVX-512.</param>
internal unsafe ref struct DenseBatch(DenseNetwork network, PixelReader reader, ImageSet data, bool wide)
{
    private double _loss;
    private int _correct;
    private int _samples;
    private ReadOnlySpan<int> _rows;

    /// <summary>The sums over all that was scored.</summary>
    public readonly MetricSum Metrics => MetricSum.OfBatch(_samples, _correct, _loss);

    /// <summary>Reads samples and works out their scores.</summary>
    /// <param name="samples">Indices of the samples, as many as the network has room for.</param>
    public void Forward(ReadOnlySpan<int> samples)
    {
        _rows = samples;
        var pixels = network.Activations(0);
        for (var row = 0; row < samples.Length; row++)
            reader.Read(data, samples[row], new(pixels.Row(row), data.Shape.Length));
        for (var l = 0; l < network.Layers; l++)
            ForwardKernel.Run(network.Activations(l), samples.Length, network.Layer(l), network.Activations(l + 1),
                rectify: l < network.Layers - 1, wide);
    }

    /// <summary>Compares the scores with the labels.</summary>
    /// <param name="scale">Factor of the errors, which are worked out then; null if nobody needs them.</param>
    public void Score(float? scale)
    {
        var (scores, classes) = (network.Activations(network.Layers), network.Layer(network.Layers - 1).Outputs);
        for (var row = 0; row < _rows.Length; row++)
        {
            var values = new ReadOnlySpan<float>(scores.Row(row), classes);
            var label = data.Labels[_rows[row]];
            Span<float> errors = scale is null ? [] : new(network.Errors(network.Layers).Row(row), classes);
            _loss += Softmax.Loss(values, label, errors, scale ?? 0);
            if (BatchScore.Best(values) == label) _correct++;
        }
        _samples += _rows.Length;
    }

    /// <summary>Takes the errors of the scores back to the first hidden layer.</summary>
    public readonly void Backward<TLanes>() where TLanes : struct, ILanes<TLanes>
    {
        for (var l = network.Layers - 1; l > 0; l--)
            BackwardKernel.Run<TLanes>(
                network.Errors(l + 1), _rows.Length, network.Layer(l), network.Activations(l), network.Errors(l));
    }

    /// <summary>Works out the gradient of all layers.</summary>
    /// <param name="use">Takes it.</param>
    public readonly void Gradient<TLanes, TUse>(TUse use)
        where TLanes : struct, ILanes<TLanes> where TUse : struct, IGradientUse<TLanes>
    {
        for (var l = 0; l < network.Layers; l++)
            GradientKernel.Run<TLanes, TUse>(
                network.Errors(l + 1), network.Activations(l), _rows.Length, network.Layer(l),
                (nint)network.Weights.Pointer, use);
    }
}
