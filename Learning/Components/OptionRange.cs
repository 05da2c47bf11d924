namespace Orleans.FL.Learning.Components;

/// <summary>The numbers that an option takes.</summary>
/// <param name="Min">Smallest number; negative infinity if there is none.</param>
/// <param name="Max">Largest number; infinity if there is none.</param>
/// <param name="AboveMin">Whether <paramref name="Min"/> itself is refused.</param>
/// <param name="BelowMax">Whether <paramref name="Max"/> itself is refused.</param>
public readonly record struct OptionRange(double Min, double Max, bool AboveMin, bool BelowMax)
{
    /// <summary>Whether the number is allowed.</summary>
    /// <param name="number">The number.</param>
    public bool Contains(double number) =>
        (AboveMin ? number > Min : number >= Min) && (BelowMax ? number < Max : number <= Max);

    /// <summary>The range in words, e.g. <c>1 to 10</c> or <c>above 0, below 1</c>; empty if there is none.</summary>
    public override string ToString() => (double.IsFinite(Min), double.IsFinite(Max)) switch
    {
        (true, true) when !AboveMin && !BelowMax => $"{Text(Min)} to {Text(Max)}",
        (true, true) =>
            $"{(AboveMin ? "above" : "at least")} {Text(Min)}, {(BelowMax ? "below" : "at most")} {Text(Max)}",
        (true, false) => AboveMin ? $"above {Text(Min)}" : $"{Text(Min)} or more",
        (false, true) => BelowMax ? $"below {Text(Max)}" : $"{Text(Max)} or less",
        _ => "",
    };

    /// <summary>A number; a whole one without an exponent.</summary>
    internal static string Text(double number) =>
        double.IsInteger(number) && Math.Abs(number) < 1e18 ? number.ToString("F0") : number.ToString();
}
