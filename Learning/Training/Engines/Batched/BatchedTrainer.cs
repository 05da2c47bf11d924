using System.Runtime.InteropServices;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Torch;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Batched;

/// <summary>Trains jobs of one model on one dataset side by side.</summary>
/// <remarks>
/// Jobs whose next batches are equally large share a call, the others have calls of their own: no row is ever filled up
/// with another's.
/// </remarks>
/// <param name="workspace">That of the lane.</param>
/// <param name="network">The networks of the jobs' model.</param>
/// <param name="task">The task.</param>
/// <param name="data">Where the samples are.</param>
internal sealed class BatchedTrainer(TorchWorkspace workspace, BatchedNetwork network, LearningTask task, DataPart data)
{
    /// <summary>Takes all steps of the jobs; each has a result or an error then.</summary>
    /// <param name="jobs">The jobs.</param>
    public void Train(IReadOnlyList<BatchedClient> jobs)
    {
        network.Reserve(jobs.Count);
        foreach (var (node, job) in jobs.Index())
        {
            job.Node = node;
            network.Load(node, job.Job.Start);
        }
        network.Upload();
        while (jobs.Where(job => job.Advance()).ToList() is { Count: > 0 } going)
        {
            foreach (var alike in going.GroupBy(job => job.Batch.Length)) Step([.. alike]);
            network.Upload();
        }
        foreach (var job in jobs) job.End(network);
    }

    private void Step(BatchedClient[] jobs)
    {
        using var scope = NewDisposeScope();
        var leaves = network.Leaves([.. jobs.Select(job => (long)job.Node)]);
        int[] samples = [.. jobs.SelectMany(job => job.Batch)];
        var (inputs, targets) = workspace.Gather(data, samples);
        var batch = jobs[0].Batch.Length;
        var outputs = network.Forward(leaves, inputs);                       // (jobs · batch, outputs)
        var losses = task.Loss(outputs, targets, nn.Reduction.None);         // (jobs · batch)
        losses.view(jobs.Length, batch).mean([1]).sum().backward();
        Score(jobs, outputs, losses);
        for (var slice = 0; slice < leaves.Length; slice++) Descend(jobs, slice, leaves[slice]);
    }

    private void Descend(BatchedClient[] jobs, int slice, Tensor leaf)
    {
        using var gradient = leaf.grad!.contiguous().cpu(); // every leaf is used
        var values = MemoryMarshal.Cast<byte, float>(gradient.bytes);
        var length = network.LengthOf(slice);
        for (var i = 0; i < jobs.Length; i++) jobs[i].Descend(network, slice, values.Slice(i * length, length));
    }

    private void Score(BatchedClient[] jobs, Tensor outputs, Tensor losses)
    {
        using var here = outputs.cpu();
        using var there = losses.cpu();
        var values = MemoryMarshal.Cast<byte, float>(here.bytes);
        var each = MemoryMarshal.Cast<byte, float>(there.bytes);
        var batch = jobs[0].Batch.Length;
        var width = values.Length / jobs.Length; // of a job's outputs
        for (var i = 0; i < jobs.Length; i++)
        {
            var sum = 0.0;
            foreach (var loss in each.Slice(i * batch, batch)) sum += loss;
            jobs[i].Begin(task.Score(values.Slice(i * width, width), data.Targets, jobs[i].Batch, sum));
        }
    }
}
