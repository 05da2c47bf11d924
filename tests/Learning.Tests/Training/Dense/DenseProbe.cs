using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Testing;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>
/// What <see cref="WidthTests"/> runs in processes set up as on other processors; results go to a file.
/// </summary>
internal static class DenseProbe
{
    private static readonly (string Model, object? Options, Component<Optimizer> Optimizer)[] Layered =
    [
        ("lenet", null, Lanes.Sgd(0.1)), ("lenet", null, Lanes.Sgd(0.1, 0.9, 0.01)),
        ("lenet", null, new("adamw", null)),
        ("femnist-cnn", null, Lanes.Sgd(0.1)), ("resnet6", null, Lanes.Sgd(0.1)),
        ("resnet6", new ResNetOptions { Norm = ResNetOptions.Group }, new("adam", null)),
    ];

    /// <summary>This assembly as a program.</summary>
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["dense-hash", var file]:
                using (var engine = new DenseEngine())
                    await File.WriteAllLinesAsync(file, [$"{Width()}", $"{Fma.IsSupported}", Hash(engine)]);
                return 0;
            case ["loads-torch", var file, .. var overrides]:
                await Simulation.Run(Toy.Experiment(overrides),
                    new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
                using (var me = Process.GetCurrentProcess())
                    await File.WriteAllLinesAsync(file,
                        [$"{me.Modules.Cast<ProcessModule>().Any(m => m.ModuleName.Contains("torch_cpu"))}"]);
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>
    /// A hash of what some training and testing gives: all kernels, their tails, and all terms of a step.
    /// </summary>
    public static string Hash(Engine engine)
    {
        var text = new StringBuilder();
        foreach (var hidden in new[] { [], new[] { 13 }, [40, 21] })
            foreach (var (batch, momentum, proximal) in new[] { (1, 0, 0f), (10, 0.9, 0.1f), (11, 0, 0f), (64, 0, 0.1f),
                (300, 0.5, 0) })
            {
                var data = ToyData.Images(300, new(1, 5, 7), 5, seed: 1);
                var settings = new TrainingSettings
                {
                    Steps = 4,
                    BatchSize = batch,
                    Optimizer = Lanes.Sgd(0.1, momentum, momentum / 100)
                };
                var job = Lanes.Job(new Component<Model>("mlp", new Mlp.Options { Hidden = [.. hidden] }), data,
                    5, settings);
                var (anchor, shift) = (ParameterVector.Zeros(job.Start.Length), proximal > 0 ? job.Start : null);
                var result = engine.Train(job with { Objective = new(proximal, anchor, shift) });
                var tested = engine.Evaluate(new(job.Model, Classes.Of(5), result.Weights, data),
                    [.. Enumerable.Range(0, 123)]);
                text.AppendLine(Learning.Records.WeightsHash.Of([result.Weights,
                    .. result.Optimizer.First is { } m ? new[] { m } : []]));
                text.AppendLine($"{result.Metrics} {tested}");
            }
        foreach (var (name, options, optimizer) in Layered)
        {
            var data = ToyData.Images(20, new(2, 12, 13), 5, seed: 1);
            var settings = new TrainingSettings { Steps = 2, BatchSize = 7, Optimizer = optimizer };
            var job = Lanes.Job(new Component<Model>(name, options), data, 5, settings);
            var result = engine.Train(job);
            var tested = engine.Evaluate(new(job.Model, Classes.Of(5), result.Weights, data), [1, 3, 5, 7, 11]);
            text.AppendLine($"{Learning.Records.WeightsHash.Of([result.Weights])} {result.Metrics} {tested}");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static int Width() => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 0;
}
