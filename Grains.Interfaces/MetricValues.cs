namespace Orleans.FL.Grains.Interfaces;

/// <summary>A metric of a run's task, measured.</summary>
/// <param name="Name">Its name: that of the task's metric, or with the word before it that says of what, as in
/// <c>testAccuracy</c>.</param>
/// <param name="Value">The number.</param>
[GenerateSerializer, Immutable, Alias("fl.metric-value")]
public sealed record MetricValue([property: Id(0)] string Name, [property: Id(1)] double Value);

/// <summary>Metrics of a run's task, measured; what was not measured is not there.</summary>
/// <param name="Items">The metrics, the task's main one first of each sort.</param>
[GenerateSerializer, Immutable, Alias("fl.metric-values")]
public sealed record MetricValues([property: Id(0)] MetricValue[] Items)
{
    private static readonly string[] Sorts = ["train", "validation", "test"];

    /// <summary>Nothing was measured.</summary>
    public static MetricValues None { get; } = new([]);

    /// <summary>One of them; null if it was not measured.</summary>
    /// <param name="name">Its name, e.g. <c>testAccuracy</c>.</param>
    public double? this[string name] => Items.FirstOrDefault(m => m.Name == name)?.Value;

    /// <summary>Name of the task's main metric; null if nothing was measured.</summary>
    public string? Main => Items.Length == 0 ? null : Sorts.Where(s =>
        Items[0].Name.StartsWith(s, StringComparison.Ordinal))
        .Select(s => char.ToLowerInvariant(Items[0].Name[s.Length]) + Items[0].Name[(s.Length + 1)..]).FirstOrDefault();

    /// <summary>The task's main metric of a sort; null if it was not measured.</summary>
    /// <param name="sort">train, validation or test.</param>
    public double? MainOf(string sort) =>
        Main is { } name ? this[$"{sort}{char.ToUpperInvariant(name[0])}{name[1..]}"] : null;

    /// <inheritdoc/>
    public bool Equals(MetricValues? other) => other is not null && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override int GetHashCode() => Items.Aggregate(Items.Length, HashCode.Combine);
}
