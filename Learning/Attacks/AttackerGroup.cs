using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Attacks;

/// <summary>Nodes that attack alike.</summary>
public sealed record AttackerGroup
{
    /// <summary>Their ranks; empty where <see cref="Share"/> says how many.</summary>
    [Option("Ranks of the attackers; or name a share.", Min = 0)]
    public EquatableList<int> Nodes { get; init; } = [];

    /// <summary>Share of the nodes that attack; null where <see cref="Nodes"/> names them.</summary>
    [Option("Share of all nodes that attack, rounded to whole nodes and drawn at random among those that are not the "
        + "server; or name nodes.", Min = 0, Max = 1)]
    public double? Share { get; init; }

    /// <summary>What they do.</summary>
    [Option("What the attackers do.")]
    public required Component<Attack> Attack { get; init; }

    /// <summary>First round of the attack, from 1.</summary>
    [Option("First round in which they attack, from 1.", Min = 1, Max = 1_000_000)]
    public int From { get; init; } = 1;

    /// <summary>Last round of the attack, from 1; 0 for the run's last.</summary>
    [Option("Last round in which they attack, from 1; 0 = the last of the run.", Min = 0, Max = 1_000_000)]
    public int Until { get; init; }
}
