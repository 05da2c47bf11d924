namespace Orleans.FL.Learning.Components;

/// <summary>Names a component (an algorithm, a topology, a dataset …) so that experiment files can choose it.</summary>
/// <remarks>
/// The class has either no constructor parameter or exactly one: its nested <c>Options</c> record, whose properties
/// carry <see cref="OptionAttribute"/>. That is all it takes to be found; nothing is registered anywhere.
/// </remarks>
/// <param name="name">Kebab-case name, unique in its kind.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ComponentAttribute(string name) : Attribute
{
    /// <summary>Kebab-case name, unique in its kind.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence for people who choose between components.</summary>
    public required string Summary { get; init; }

    /// <summary>
    /// Where it comes from: authors, title, venue and equation, or the data's home; empty for the obvious.
    /// </summary>
    public string Source { get; init; } = "";

    /// <summary>Other spellings that experiment files may use.</summary>
    public string[] Aliases { get; init; } = [];
}
