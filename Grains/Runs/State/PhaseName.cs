namespace Orleans.FL.Grains.Runs.State;

/// <summary>Names of the phases of a round in which a node may be absent; they are in the record.</summary>
internal static class PhaseName
{
    /// <summary>Nodes take their seats.</summary>
    public const string Seat = "seat";

    /// <summary>Nodes are away by plan.</summary>
    public const string Away = "away";

    /// <summary>Nodes receive the server's model that they missed.</summary>
    public const string CatchUp = "catch up";

    /// <summary>Nodes that were idle receive the server's model.</summary>
    public const string Wake = "wake";

    /// <summary>Nodes train.</summary>
    public const string Train = "train";

    /// <summary>Nodes are tested.</summary>
    public const string Test = "test";

    /// <summary>Nodes receive and combine.</summary>
    /// <param name="exchange">Index of the exchange.</param>
    public static string Exchange(int exchange) => $"exchange {exchange + 1}";

    /// <summary>Whether a phase comes before updates are sent, so that one who misses it gives none.</summary>
    /// <param name="phase">The phase.</param>
    public static bool IsBeforeUpdates(string? phase) => phase is Seat or Away or CatchUp or Wake or Train;
}
