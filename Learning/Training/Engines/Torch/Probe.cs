using System.Runtime.InteropServices;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using TorchSharp;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>Looks at what weights make of samples, with libtorch: scores and gradients, in evaluation mode.</summary>
internal sealed class Probe
{
    private readonly TorchWorkspace _workspace;
    private readonly EvaluationJob _job;
    private readonly ModelInstance _instance;

    /// <summary>A look at some weights.</summary>
    public Probe(TorchWorkspace workspace, EvaluationJob job)
    {
        (_workspace, _job) = (workspace, job);
        _instance = workspace.Instance(job.Model, job.Data.Shape, job.Outputs.Count);
        _instance.Load(job.Weights);
        _instance.Network.eval();
    }

    /// <summary>Scores, sample after sample.</summary>
    public ParameterVector Outputs(ReadOnlySpan<int> indices, CancellationToken cancellation)
    {
        using var noGradient = no_grad();
        var outputs = new float[checked(indices.Length * _job.Outputs.Count)];
        for (var from = 0; from < indices.Length; from += Evaluator.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var part = indices.Slice(from, Math.Min(Evaluator.BatchSize, indices.Length - from));
            var logits = _instance.Network.call(_workspace.Gather(_job.Data, part).Inputs).cpu();
            MemoryMarshal.Cast<byte, float>(logits.bytes).CopyTo(outputs.AsSpan(from * _job.Outputs.Count));
        }
        return ParameterVector.Own(outputs);
    }

    /// <summary>Gradient of the mean loss.</summary>
    public ParameterVector Gradient(ReadOnlySpan<int> indices, CancellationToken cancellation)
    {
        _instance.ForgetGradients();
        for (var from = 0; from < indices.Length; from += Evaluator.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (inputs, targets) = _workspace.Gather(_job.Data,
                indices.Slice(from, Math.Min(Evaluator.BatchSize, indices.Length - from)));
            var loss = _job.Outputs.Task.Loss(_instance.Network.call(inputs), targets, nn.Reduction.Sum);
            using var samples = indices.Length.ToScalar();
            loss.div(samples).backward();
        }
        var gradient = new float[_instance.Layout.Length];
        foreach (var (i, parameter) in _instance.Parameters.Index())
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is not { } computed) continue;
            MemoryMarshal.Cast<byte, float>(computed.cpu().bytes)
                .CopyTo(gradient.AsSpan(_instance.Layout.Slices[i].Offset));
            parameter.grad = null;
        }
        return ParameterVector.Own(gradient);
    }
}
