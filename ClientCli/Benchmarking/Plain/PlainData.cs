using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.ClientCli.Benchmarking.Plain;

/// <summary>A whole part of a dataset as one float tensor, the usual way.</summary>
/// <param name="Inputs">(n, …shape of a sample), as models are given them.</param>
/// <param name="Targets">As the task's loss takes them.</param>
internal sealed record PlainData(Tensor Inputs, Tensor Targets)
{
    /// <summary>The tensors of a part.</summary>
    public static PlainData Of(DataPart part)
    {
        int[] all = [.. Enumerable.Range(0, part.Count)];
        var floats = new float[checked(part.Count * part.Shape.Length)];
        part.Read(all, floats, part.Shape.Length);
        return new PlainData(tensor(floats, [part.Count, .. part.Shape.Sizes]), part.Targets.Gather(all));
    }

    /// <summary>A batch; owned by the current scope.</summary>
    /// <param name="samples">Indices of its samples.</param>
    public (Tensor Inputs, Tensor Targets) Batch(ReadOnlySpan<int> samples)
    {
        var index = new long[samples.Length];
        for (var i = 0; i < index.Length; i++) index[i] = samples[i];
        var at = tensor(index);
        return (Inputs.index_select(0, at), Targets.index_select(0, at));
    }
}
