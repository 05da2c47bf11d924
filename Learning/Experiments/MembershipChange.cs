using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Nodes that join or leave at the beginning of a round.</summary>
public sealed record MembershipChange
{
    /// <summary>First round that the change holds in, from 1.</summary>
    [Components.Option("First round that the change holds in, from 1.", Min = 2, Max = 1_000_000)]
    public required int Round { get; init; }

    /// <summary>Ranks that join.</summary>
    [Components.Option("Ranks that join; each begins with the weights of the server, or of its first neighbour.",
        Min = 0)]
    public EquatableList<int> Add { get; init; } = [];

    /// <summary>Ranks that leave.</summary>
    [Components.Option("Ranks that leave; their samples leave with them.", Min = 0)]
    public EquatableList<int> Remove { get; init; } = [];
}
