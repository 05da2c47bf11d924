using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Experiments.Json;

/// <summary>Paths of values, as errors name them: <c>$.nodeOverrides[0].training.epochs</c>.</summary>
internal static class JsonPath
{
    /// <summary>The whole file.</summary>
    public const string Root = "$";

    /// <summary>The path of a key's value.</summary>
    public static string Key(string path, string key) =>
        IsPlain(key) ? $"{path}.{key}" : $"{path}['{Spelling.Clean(key)}']";

    /// <summary>The path of a list's item.</summary>
    public static string Item(string path, int index) => $"{path}[{index}]";

    /// <summary>The path that a part of the file means by a path of its own; one from the root stays.</summary>
    public static string Within(string path, string inner)
    {
        if (inner.Length == 0) return path;
        if (inner.StartsWith(Root, StringComparison.Ordinal)) return inner;
        return inner[0] == '[' ? path + inner : $"{path}.{inner}";
    }

    private static bool IsPlain(string key) =>
        key.Length is > 0 and <= 64 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$');
}
