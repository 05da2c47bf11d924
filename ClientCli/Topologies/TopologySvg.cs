using System.Globalization;
using System.Text;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>A topology as a picture: one panel a round of its period. Self-contained, dark and light pages alike.</summary>
internal static class TopologySvg
{
    /// <summary>Most nodes that a picture can tell apart.</summary>
    public const int MostNodes = 300;

    private const int MostLabels = 40;
    private const int MostPanels = 12;
    private const int Columns = 4;
    private const int Panel = 260;
    private const int Margin = 30;
    private const int Caption = 26;

    /// <summary>The text.</summary>
    /// <param name="choice">The topology.</param>
    /// <param name="round">First round, from 0.</param>
    /// <exception cref="ExperimentException">There are too many nodes.</exception>
    public static string Of(TopologyChoice choice, int round)
    {
        if (choice.Nodes > MostNodes)
            throw new ExperimentException($"A picture of {choice.Nodes} nodes would be a blot; it can have {MostNodes}. Use fewer --nodes, or --graphml and a program for large graphs.");
        var period = choice.OnePeriod(round).Take(MostPanels).ToList();
        var columns = Math.Min(Columns, period.Count);
        var (width, height) = (columns * Panel, (period.Count + columns - 1) / columns * (Panel + Caption));
        var text = new StringBuilder();
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\">");
        Line($"<title>{choice.Name}, {choice.Nodes} nodes</title>");
        Line($"<defs><marker id=\"arrow\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"#7a8ca5\"/></marker></defs>");
        for (var p = 0; p < period.Count; p++)
        {
            Line($"<g transform=\"translate({p % columns * Panel} {p / columns * (Panel + Caption)})\">");
            if (period.Count > 1) Line($"<text x=\"{Panel / 2}\" y=\"{Panel + 12}\" font-size=\"13\" text-anchor=\"middle\" fill=\"#7a8ca5\">round {round + p + 1} of {choice.Period} in turn</text>");
            Draw(period[p], Layout.Of(choice.Name, period[p].Graph));
            Line($"</g>");
        }
        Line($"</svg>");
        return text.ToString();

        void Draw(Mixing mixing, (double X, double Y)[] places)
        {
            var points = Array.ConvertAll(places, q => (X: Margin + q.X * (Panel - 2 * Margin), Y: Margin + q.Y * (Panel - 2 * Margin)));
            var radius = choice.Nodes <= MostLabels ? 9 : Math.Max(2, 360.0 / choice.Nodes);
            for (var to = 0; to < points.Length; to++)
                foreach (var (from, weight) in mixing.Heard(to))
                {
                    var both = mixing.Graph.Neighbours(from).Contains(to);
                    if (both && from > to) continue;
                    var (dx, dy) = (points[to].X - points[from].X, points[to].Y - points[from].Y);
                    var inside = radius / Math.Max(radius, Math.Sqrt(dx * dx + dy * dy));
                    Line($"<line x1=\"{points[from].X:F1}\" y1=\"{points[from].Y:F1}\" x2=\"{points[to].X - dx * inside:F1}\" y2=\"{points[to].Y - dy * inside:F1}\" stroke=\"#7a8ca5\" stroke-width=\"{0.6 + 1.8 * weight:F2}\"{(both ? "" : " marker-end=\"url(#arrow)\"")}/>");
                }
            for (var i = 0; i < points.Length; i++)
            {
                Line($"<circle cx=\"{points[i].X:F1}\" cy=\"{points[i].Y:F1}\" r=\"{radius:F1}\" fill=\"#2f6fb5\"/>");
                if (choice.Nodes <= MostLabels) Line($"<text x=\"{points[i].X:F1}\" y=\"{points[i].Y + 3.5:F1}\" font-size=\"10\" text-anchor=\"middle\" fill=\"#fff\">{i}</text>");
            }
        }

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
