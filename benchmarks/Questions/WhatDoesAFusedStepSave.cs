using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Training.TorchLoading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Orleans.FL.Benchmarks.Questions;

/// <summary>What does one pass over weights, gradient and moments save, against TorchSharp's optimisers?</summary>
/// <remarks>Both sides read the gradients where autograd left them and change the same weights.</remarks>
[MemoryDiagnoser, GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory, BenchmarkLogicalGroupRule.ByParams),
    CategoriesColumn]
public class WhatDoesAFusedStepSave
{
    private readonly Learning.Optimizers.Sgd _sgd = new(new() { LearningRate = 1e-6, Momentum = 0.9 });
    private readonly Learning.Optimizers.Adam _adam = new(new() { LearningRate = 1e-6 });
    private readonly List<(Tensor Weights, Tensor Gradient, float[] First, float[] Second)> _slices = [];
    private nn.Module<Tensor, Tensor>? _network;
    private optim.Optimizer? _torchSgd, _torchAdam;
    private long _step;

    [Params("mlp", "cnn", "resnet10")]
    public string Model { get; set; } = "";

    [GlobalSetup]
    public void Build()
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        _network = Catalog<Model>.Create(Model, null).Build(new SampleShape(1, 28, 28), 10);
        nn.functional.cross_entropy(_network.call(rand(4, 1, 28, 28)), zeros(4, ScalarType.Int64)).backward();
        Parameter[] parameters = [.. _network.parameters()];
        _torchSgd = optim.SGD(parameters, 1e-6, momentum: 0.9);
        _torchAdam = optim.Adam(parameters, 1e-6);
        foreach (var p in parameters)
            // the backward pass made the gradients
            _slices.Add((p, p.grad!, new float[p.numel()], new float[p.numel()]));
    }

    [Benchmark(Baseline = true), BenchmarkCategory("sgd, momentum")]
    public void TorchSgd() => _torchSgd!.step();

    [Benchmark, BenchmarkCategory("sgd, momentum")]
    public void FusedSgd() => Step(_sgd);

    [Benchmark(Baseline = true), BenchmarkCategory("adam")]
    public void TorchAdam() => _torchAdam!.step();

    [Benchmark, BenchmarkCategory("adam")]
    public void FusedAdam() => Step(_adam);

    private void Step(Optimizer optimizer)
    {
        _step++;
        foreach (var (weights, gradient, first, second) in _slices)
            optimizer.Step(Floats(weights), Floats(gradient), first, second, _step);
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
