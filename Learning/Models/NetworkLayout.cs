using Orleans.FL.Learning.Parameters;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Models;

/// <summary>Reads the layout off a network.</summary>
internal static class NetworkLayout
{
    /// <summary>The layout of a network: parameters, then float buffers; integer buffers are counters.</summary>
    public static ParameterLayout Of(nn.Module<Tensor, Tensor> network)
    {
        var slices = new List<ParameterSlice>();
        foreach (var (name, parameter) in network.named_parameters()) Append(name, parameter, trainable: true);
        var buffers = network.named_buffers().ToList();
        foreach (var (name, buffer) in buffers.Where(b => IsFloat(b.buffer))) Append(name, buffer, trainable: false);
        return new(slices, [.. buffers.Where(b => !IsFloat(b.buffer)).Select(b => b.name)]);

        void Append(string name, Tensor tensor, bool trainable) => slices.Add(new(
            name, [.. tensor.shape.Select(d => checked((int)d))], slices.Count == 0 ? 0 : End(slices[^1]), trainable));
    }

    /// <summary>Whether a tensor holds floats, and so belongs into the vector.</summary>
    public static bool IsFloat(Tensor tensor) => tensor.dtype == ScalarType.Float32;

    private static int End(ParameterSlice slice) => checked(slice.Offset + slice.Length);
}
