namespace Orleans.FL.Learning.Foundation;

/// <summary>Whole numbers of things that a share of them is, as the decimal that somebody wrote says.</summary>
/// <remarks>
/// 0.29 of 100 are 29, though the double next to 0.29 times 100 is 28.999999999999996, and 0.56 of 25 are 14, not a bit
/// more. A share and its product are each rounded once, by half a unit in the last place at most: what is that near to
/// a whole number or a half is meant to be it.
/// </remarks>
public static class Portion
{
    private const double TwoRoundings = 1.0 / (1L << 51);

    /// <summary>The product, rounded down.</summary>
    /// <param name="share">The share, 0 or more.</param>
    /// <param name="count">Of how many.</param>
    public static double Floor(double share, double count) => Math.Floor(Exact(share, count));

    /// <summary>The product, rounded up.</summary>
    /// <param name="share">The share, 0 or more.</param>
    /// <param name="count">Of how many.</param>
    public static double Ceiling(double share, double count) => Math.Ceiling(Exact(share, count));

    /// <summary>The product, rounded to the nearest whole number, and to the even one of two.</summary>
    /// <param name="share">The share, 0 or more.</param>
    /// <param name="count">Of how many.</param>
    public static double Round(double share, double count) => Math.Round(Exact(share, count));

    private static double Exact(double share, double count)
    {
        var product = share * count;
        var halves = Math.Round(2 * product);
        return Math.Abs(2 * product - halves) <= halves * TwoRoundings ? halves / 2 : product;
    }
}
