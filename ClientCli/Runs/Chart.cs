namespace Orleans.FL.ClientCli.Runs;

/// <summary>Curves made of text.</summary>
internal static class Chart
{
    private const string Eighths = " ▁▂▃▄▅▆▇█";

    /// <summary>A curve one line high; its lowest value is the lowest block.</summary>
    /// <param name="values">The values, in order.</param>
    /// <param name="width">Columns at most; more values are averaged into them.</param>
    public static string Spark(IReadOnlyList<double> values, int width)
    {
        if (values.Count == 0) return "";
        var (low, high) = (values.Min(), values.Max());
        return string.Concat(Columns(values, width).Select(v => Eighths[1 + Level(v, low, high, 7)]));
    }

    /// <summary>A curve several lines high with its scale on the left and the rounds below.</summary>
    /// <param name="points">Round and value, in order.</param>
    /// <param name="width">Columns at most.</param>
    /// <param name="height">Lines of the curve.</param>
    public static IEnumerable<string> Curve(IReadOnlyList<(int Round, double Value)> points, int width, int height)
    {
        if (points.Count == 0) yield break;
        double[] values = [.. points.Select(p => p.Value)];
        var (low, high) = (values.Min(), values.Max());
        // A short curve is drawn wider, so that two rounds do not look like a pole.
        var repeat = Math.Clamp(width / values.Length, 1, 6);
        int[] levels = [.. Columns(values, width).SelectMany(v =>
            Enumerable.Repeat(1 + Level(v, low, high, (height * 8) - 1), repeat))];
        for (var line = height - 1; line >= 0; line--)
        {
            var label = line == height - 1 ? high.ToString("0.000") : line == 0 ? low.ToString("0.000") : "";
            var bars = string.Concat(levels.Select(l => Eighths[Math.Clamp(l - (line * 8), 0, 8)]));
            yield return $"{label,7} ┤{bars.TrimEnd()}";
        }
        var (first, last) = ($"{points[0].Round}", $"{points[^1].Round}");
        yield return $"{"",7} └{new string('─', levels.Length)}";
        yield return $"{"round",7}  {first}{last.PadLeft(Math.Max(levels.Length - first.Length, last.Length + 1))}";
    }

    private static IEnumerable<double> Columns(IReadOnlyList<double> values, int width)
    {
        var columns = Math.Min(values.Count, Math.Max(1, width));
        for (var c = 0; c < columns; c++)
        {
            var (from, to) = ((int)((long)c * values.Count / columns), (int)((c + 1L) * values.Count / columns));
            yield return values.Skip(from).Take(to - from).Average();
        }
    }

    private static int Level(double value, double low, double high, int levels) =>
        high > low ? (int)Math.Round((value - low) / (high - low) * levels) : levels / 2;
}
