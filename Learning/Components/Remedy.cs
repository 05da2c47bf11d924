namespace Orleans.FL.Learning.Components;

/// <summary>What to do about a number that is too large, in words that can be followed.</summary>
internal static class Remedy
{
    /// <summary>The end of a sentence: set the option lower, or to the number that stands for something else.</summary>
    /// <param name="key">The option.</param>
    /// <param name="most">The greatest number that would do; below 1 there is none.</param>
    /// <param name="otherKey">The option that may be 0 instead.</param>
    /// <param name="zero">What follows: "to 0", and what that means.</param>
    public static string AtMost(string key, int most, string otherKey, string zero) => most < 1
        ? $"set {otherKey} {zero}"
        : $"set {key} to {(most == 1 ? "1" : $"{most} or less")}, or {(otherKey == key ? "" : otherKey + " ")}{zero}";

    /// <summary>The same with one option.</summary>
    /// <param name="key">The option.</param>
    /// <param name="most">The greatest number that would do; below 1 there is none.</param>
    /// <param name="zero">What follows: "to 0", and what that means.</param>
    public static string AtMost(string key, int most, string zero) => AtMost(key, most, key, zero);
}
