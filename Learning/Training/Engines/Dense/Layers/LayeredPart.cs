using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>Some consecutive layers of a network.</summary>
/// <remarks>
/// All layers of a network, each in some part, move to the bits that <see cref="LayeredEngine{T}"/> gives the whole:
/// pieces are those in which it works through a batch, and errors between parts are scaled as it scales them.
/// </remarks>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class LayeredPart<T> : ModelPart where T : struct, ILanes<T>
{
    private readonly PartOfModel _part;
    private readonly LayeredNetwork<T> _network;
    private readonly LayeredSteps<T> _steps;
    private readonly StepSizes _sizes;
    private int _rows, _samples, _done; // of the piece; of the batch, in all and so far
    private BatchSums _sums;

    /// <summary>A part of a network.</summary>
    /// <param name="part">Which part of which model.</param>
    /// <param name="weights">Weights of the whole model; those of other layers are not looked at.</param>
    /// <param name="settings">How it is trained; moments begin anew.</param>
    public LayeredPart(PartOfModel part, ParameterVector weights, TrainingSettings settings)
    {
        var whole = part.Model.Create().Architecture // a model that is cut here lists its layers
            ?? throw new ArgumentException($"The model {part.Model.Name} does not list its layers.", nameof(part));
        var (from, to) = whole.Range(part.First ? null : part.Layers[0], part.Next);
        var shape = whole.Shapes(part.Input, part.Outputs.Count)[from];
        _part = part;
        _sizes = StepSizes.Of(whole, part.Input, part.Outputs.Count);
        _network = new LayeredNetwork<T>(
            new([.. whole.Layers.Take(to).Skip(from)]), shape, part.Outputs.Count, inputErrors: !part.First);
        _network.Load(part.Values.Take(weights));
        _steps = new LayeredSteps<T>(
            _network, _sizes, settings.Optimizer.Create(), OptimizerState.Fresh, LocalObjective.None);
    }

    /// <inheritdoc/>
    public override int Inputs => Length(_network.Input);

    /// <inheritdoc/>
    public override int Outputs => Length(_network.Output);

    /// <inheritdoc/>
    public override int MostSamples => _sizes.WholeBatch ? int.MaxValue : _sizes.Most;

    /// <inheritdoc/>
    public override MetricSums Metrics => _sums.Samples == 0 ? MetricSums.Zero : _sums.Sums;

    private LearningTask Task => _part.Outputs.Task;

    /// <inheritdoc/>
    public override void Read(DataPart data, ReadOnlySpan<int> samples)
    {
        _network.Reserve(_rows = samples.Length);
        _network.Read(data, samples);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<float> activations)
    {
        _network.Reserve(_rows = activations.Length / Inputs);
        Put(activations, _network.Input, _network.Input.Maps);
    }

    /// <inheritdoc/>
    public override void Begin(int samples)
    {
        (_samples, _done, _sums) = (samples, 0, new BatchSums(Task));
        _steps.Begin(samples);
    }

    /// <inheritdoc/>
    public override float[] Forward() => Run(training: true);

    /// <inheritdoc/>
    public override float[] Test() => Run(training: false);

    /// <inheritdoc/>
    public override void Backward(Targets targets, ReadOnlySpan<int> samples)
    {
        Task.Score(new OutputRows(_network.Scores.Rows(_rows), _network.ScoreErrors.Rows(_rows),
            _network.Scores.Stride, _network.Outputs), targets, samples, _steps.Scale, ref _sums);
        Backward();
    }

    /// <inheritdoc/>
    public override void Backward(ReadOnlySpan<float> errors)
    {
        Put(errors, _network.Output, _network.Output.ErrorMaps);
        Backward();
    }

    /// <inheritdoc/>
    public override float[] Errors() => Get(_network.Input, _network.Input.ErrorMaps);

    /// <inheritdoc/>
    public override MetricSums Score(ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples)
    {
        var (sums, width) = (new BatchSums(Task), outputs.Length / samples.Length);
        Task.Score(new OutputRows(outputs, [], width, width), targets, samples, 0, ref sums);
        return sums.Sums;
    }

    /// <inheritdoc/>
    public override void Put(Span<float> whole) => _part.Values.Put(_network.Gather(_network.Weights), whole);

    private static int Length(Value value) => value.Channels * value.Height * value.Width;

    private float[] Run(bool training)
    {
        _network.Pass.Training = training;
        _network.Forward(_rows);
        return Get(_network.Output, _network.Output.Maps);
    }

    private void Backward()
    {
        _network.Backward(_rows);
        _done += _rows;
        if (_done == _samples) _steps.End();
    }

    private void Put(ReadOnlySpan<float> values, Value value, in Maps maps)
    {
        var pixels = value.Height * value.Width;
        for (var sample = 0; sample < _rows; sample++)
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                var to = maps.At(sample, pixel / value.Width, pixel % value.Width);
                for (var c = 0; c < value.Channels; c++) to[c] = values[(sample * value.Channels + c) * pixels + pixel];
            }
    }

    private float[] Get(Value value, in Maps maps)
    {
        var pixels = value.Height * value.Width;
        var values = FloatPool.Of(checked(_rows * Length(value)));
        for (var sample = 0; sample < _rows; sample++)
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                var from = maps.At(sample, pixel / value.Width, pixel % value.Width);
                for (var c = 0; c < value.Channels; c++)
                    values[(sample * value.Channels + c) * pixels + pixel] = from[c];
            }
        return values;
    }
}
