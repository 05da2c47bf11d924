namespace Orleans.FL.Learning.Experiments.Json;

/// <summary>How much JSON is read; more is refused before it costs memory or stack.</summary>
/// <param name="Bytes">Length as UTF-8.</param>
/// <param name="Depth">Objects and lists within each other.</param>
/// <param name="Items">Items of one list.</param>
internal sealed record JsonLimits(int Bytes, int Depth, int Items)
{
    /// <summary>The limits of experiment files.</summary>
    public static JsonLimits Default { get; } = new(1 << 20, 32, 1_000_000);
}

/// <summary>The input is no JSON; the message says where and why.</summary>
internal sealed class JsonSyntaxException(string message) : Exception(message);
