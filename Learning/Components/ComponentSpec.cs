namespace Orleans.FL.Learning.Components;

/// <summary>What is known of a component: how files name it, what it is, and the options it takes.</summary>
public sealed record ComponentSpec
{
    /// <summary>Name of the kind: <c>Algorithm</c>, <c>Topology</c>, …</summary>
    public required string Kind { get; init; }

    /// <summary>Kebab-case name, unique in the kind.</summary>
    public required string Name { get; init; }

    /// <summary>Other spellings that experiment files may use.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>One sentence for people who choose between components.</summary>
    public required string Summary { get; init; }

    /// <summary>Where it comes from; empty for the obvious.</summary>
    public required string Source { get; init; }

    /// <summary>The class.</summary>
    public required Type Type { get; init; }

    /// <summary>The record of its options; null if it takes none.</summary>
    public required Type? OptionsType { get; init; }

    /// <summary>Its options, in declared order.</summary>
    public IReadOnlyList<OptionSpec> Options => OptionsType is null ? [] : OptionSpec.Of(OptionsType);

    /// <summary>Options with every default; null if it takes none.</summary>
    public object? DefaultOptions() => OptionsType is null ? null : Activator.CreateInstance(OptionsType);
}
