using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Tests.Components;

/// <summary>A kind of the tests' own: catalogs look in the kind's assembly.</summary>
public abstract class Toy;

[Component("ball", Summary = "Rolls.", Aliases = ["Ball", "sphere"])]
public sealed class Ball : Toy;

[Component("kite", Summary = "Flies.", Source = "Wind, Proc. Sky 2001")]
public sealed class Kite(Kite.Options options) : Toy
{
    public double Area => options.Area;

    public sealed record Options
    {
        [Option("Area in square metres.", Min = 0, Max = 10, AboveMin = true)]
        public required double Area { get; init; }

        [Option("Tail.", Values = ["short", "long"])]
        public string Tail { get; init; } = "short";

        [Option("Lengths of the lines in metres.", Min = 1, Max = 50)]
        public EquatableList<double> Lines { get; init; } = [];
    }
}

[Component("top", Summary = "Spins.")]
public sealed class Top(Top.Options options) : Toy
{
    public int Turns => options.Turns;

    public sealed record Options
    {
        [Option("Turns.", Min = 1, Max = 100)]
        public int Turns { get; init; } = 3;

        [Option("Colour; unset for plain wood.")]
        public string? Colour { get; init; }

        [Option("Share of the weight in the rim.", Min = 0, Max = 1, BelowMax = true)]
        public double Rim { get; init; } = 0.5;
    }
}

/// <summary>Never found: it has no name.</summary>
public sealed class Nameless : Toy;

/// <summary>A record with every form that an option can have.</summary>
public sealed record Toybox
{
    [Option("Label.", Min = 1, Max = 10)]
    public required string Label { get; init; }

    [Option("Seed.")]
    public long Seed { get; init; } = 7;

    [Option("Number of shelves.", Min = 1, Max = 9)]
    public int Shelves { get; init; } = 2;

    [Option("Width in metres.", Min = 0, AboveMin = true)]
    public double Width { get; init; } = 1.5;

    [Option("Whether it has a lid.")]
    public bool Lid { get; init; } = true;

    [Option("Age in years; unset if unknown.", Min = 0)]
    public int? Age { get; init; }

    [Option("Sizes of the drawers.", Min = 0, Max = 5)]
    public EquatableList<int> Drawers { get; init; } = [];

    [Option("Names of the owners.", Min = 1, Max = 3)]
    public EquatableList<string> Owners { get; init; } = [];

    [Option("The best toy.")]
    public required Component<Toy> Best { get; init; }

    [Option("The toy to begin with.")]
    public Component<Toy> First { get; init; } = new("top", new Top.Options { Turns = 5 });

    [Option("A spare toy; unset for none.")]
    public Component<Toy>? Spare { get; init; }

    [Option("All others.")]
    public EquatableList<Component<Toy>> Others { get; init; } = [];

    [Option("The lock.")]
    public Padlock Lock { get; init; } = new() { Digits = 4 };

    [Option("More locks.")]
    public EquatableList<Padlock> Locks { get; init; } = [];
}

public sealed record Padlock
{
    [Option("Number of digits.", Min = 1, Max = 8)]
    public int Digits { get; init; } = 3;

    [Option("Whether it rusts.")]
    public bool Rusts { get; init; }
}
