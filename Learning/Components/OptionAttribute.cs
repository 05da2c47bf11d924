namespace Orleans.FL.Learning.Components;

/// <summary>Documents one option of an experiment file and the values it takes.</summary>
/// <param name="summary">What the option sets, with its unit; one sentence.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string summary) : Attribute
{
    /// <summary>What the option sets, with its unit; one sentence.</summary>
    public string Summary { get; } = summary;

    /// <summary>Smallest value allowed (for lists: of each item; for strings: of the length).</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Largest value allowed (for lists: of each item; for strings: of the length).</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>Whether <see cref="Min"/> itself is refused.</summary>
    public bool AboveMin { get; init; }

    /// <summary>Whether <see cref="Max"/> itself is refused.</summary>
    public bool BelowMax { get; init; }

    /// <summary>The only strings allowed; empty if any is.</summary>
    public string[] Values { get; init; } = [];
}
