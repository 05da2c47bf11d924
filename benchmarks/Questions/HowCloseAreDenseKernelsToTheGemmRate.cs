using BenchmarkDotNet.Attributes;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Training.TorchLoading;
using static TorchSharp.torch;

namespace Orleans.FL.Benchmarks.Questions;

/// <summary>How close does the dense engine come to the rate of one large matrix product on one core?</summary>
/// <remarks>
/// A node's whole round in each case: its samples gathered from bytes, one pass in batches of ten, weights in and out.
/// The product has as many multiplications and additions as the passes over the layers; a pass that takes as long has
/// the same rate.
/// </remarks>
[MemoryDiagnoser]
public class HowCloseAreDenseKernelsToTheGemmRate : IAsyncDisposable
{
    private const int Size = 512;
    private static readonly SampleShape Fashion = new(1, 28, 28);

    private TrainingLanes? _lanes;
    private Component<Model> _model = new("mlp", null);
    private ImageSet? _data;
    private ParameterVector? _start;
    private Tensor? _left, _right;
    private int _samples, _nodes;

    /// <summary>Nodes a call, samples a node, and the model: 784-200-200-10 or 784-10.</summary>
    [Params("1 x 334, mlp", "150 x 60, logistic-regression")]
    public string Work { get; set; } = "";

    [Params(0, 0.9)]
    public double Momentum { get; set; }

    [GlobalSetup]
    public void Draw()
    {
        var words = Work.Split([" x ", ", "], StringSplitOptions.None);
        (_nodes, _samples, _model) = (int.Parse(words[0]), int.Parse(words[1]), new(words[2], null));
        var stream = new Seeds(1).Stream("benchmark");
        var pixels = new byte[_samples * Fashion.Length];
        foreach (ref var pixel in pixels.AsSpan()) pixel = (byte)(256 * stream.NextSingle());
        _data = new(pixels, [.. Enumerable.Range(0, _samples).Select(i => i % 10)], Fashion, new(255, [0.3], [0.35]));
        _start = Initializer.Initialize(ParameterLayouts.LayoutOf(_model, Fashion, 10), new Seeds(1));
        _lanes = new TrainingLanes(1);
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        (_left, _right) = (rand(Operations() / (2 * Size * Size), Size), rand(Size, Size));
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_lanes is not null) await _lanes.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public void OneLargeProduct() => _left!.mm(_right!).Dispose(); // drawn before

    [Benchmark]
    public Task<long> Dense() => Train(EngineChoice.Dense);

    [Benchmark]
    public Task<long> Torch() => Train(EngineChoice.Torch);

    private Task<long> Train(string engine) => _lanes!.Run("benchmark", (lane, stop) =>
    {
        var sgd = new Component<Optimizer>("sgd", new Sgd.Options { Momentum = Momentum });
        var settings = new TrainingSettings { BatchSize = 10, Optimizer = sgd, Engine = engine };
        var steps = 0L;
        for (var node = 0; node < _nodes; node++)
            steps += lane.EngineFor(_model, settings).Train(new(_model, new(new Classification(), 10), _data!,
                [.. Enumerable.Range(0, _samples)], settings, _start!,
                LocalObjective.None, OptimizerState.Fresh, new Seeds(1).Stream("order", node)), stop).Steps;
        return steps;
    });

    /// <summary>Forward and gradient of every layer, and the errors that all but the first hand back.</summary>
    private long Operations()
    {
        var weights = ParameterLayouts.LayoutOf(_model, Fashion, 10).Slices.Where(s => s.Shape.Count == 2).ToList();
        return 2L * _nodes * _samples * (3L * weights.Sum(w => w.Length) - weights[0].Length);
    }
}
