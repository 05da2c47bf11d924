namespace Orleans.FL.Learning.Parameters;

/// <summary>What a safetensors file holds, without its values.</summary>
/// <param name="Metadata">The file's free texts by name (<c>__metadata__</c>); empty if it has none.</param>
/// <param name="Tensors">The tensors in the order of their data; they tile it without gap or overlap.</param>
/// <param name="DataLength">Bytes of data after the header.</param>
public sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<SafetensorsTensor> Tensors, long DataLength);

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">State-dict name.</param>
/// <param name="Dtype">Element type as the format spells it, e.g. <c>F32</c> or <c>I64</c>.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
/// <param name="Begin">First byte of its data, counted from the end of the header.</param>
/// <param name="End">The byte after its data.</param>
public sealed record SafetensorsTensor(string Name, string Dtype, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>What a reader does with weights that are infinite or not numbers.</summary>
public enum NonFinite
{
    /// <summary>The file is refused; the message names tensor and index.</summary>
    Refuse,

    /// <summary>The values are taken as they are.</summary>
    Accept,
}
