using System.Globalization;
using System.Text;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>
/// A topology as a picture: one panel a round of its period. Self-contained, for dark and light pages alike.
/// </summary>
internal sealed class TopologySvg
{
    /// <summary>Largest number of nodes that a picture can show.</summary>
    public const int MostNodes = 300;

    private const int MostLabels = 40;
    private const int MostPanels = 12;
    private const int Columns = 4;
    private const int Panel = 260;
    private const int Margin = 30;
    private const int Caption = 26;
    private const string Grey = "#7a8ca5";
    private const string Blue = "#2f6fb5";

    private readonly StringBuilder _text = new();
    private readonly TopologyChoice _choice;
    private readonly double _radius;

    private TopologySvg(TopologyChoice choice)
    {
        _choice = choice;
        _radius = choice.Nodes <= MostLabels ? 9 : Math.Max(2, 360.0 / choice.Nodes);
    }

    /// <summary>The text.</summary>
    /// <param name="choice">The topology.</param>
    /// <param name="round">First round, from 0.</param>
    /// <exception cref="ExperimentException">There are too many nodes.</exception>
    public static string Of(TopologyChoice choice, int round) => choice.Nodes <= MostNodes
        ? new TopologySvg(choice).Text(round)
        : throw new ExperimentException($"A picture of {choice.Nodes} nodes would be a blot; it can have {MostNodes}. "
            + "Use fewer --nodes, or --graphml and a program for large graphs.");

    private string Text(int round)
    {
        var period = _choice.OnePeriod(round).Take(MostPanels).ToList();
        var columns = Math.Min(Columns, period.Count);
        var (width, height) = (columns * Panel, (period.Count + columns - 1) / columns * (Panel + Caption));
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\"");
        Line($" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\">");
        Line($"<title>{_choice.Name}, {_choice.Nodes} nodes</title>");
        Line($"<defs><marker id=\"arrow\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerUnits=\"userSpaceOnUse\"");
        Line($" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">");
        Line($"<path d=\"M0 0L6 3L0 6z\" fill=\"{Grey}\"/></marker></defs>");
        for (var p = 0; p < period.Count; p++)
        {
            Line($"<g transform=\"translate({p % columns * Panel} {p / columns * (Panel + Caption)})\">");
            if (period.Count > 1)
                Label(Panel / 2, Panel + 12, 13, Grey, $"round {round + p + 1}, of {_choice.Period} in turn");
            Draw(period[p]);
            Line($"</g>");
        }
        Line($"</svg>");
        return _text.ToString();
    }

    private void Draw(Mixing mixing)
    {
        var points = Array.ConvertAll(Layout.Of(_choice.Name, mixing.Graph),
            q => (X: Margin + q.X * (Panel - 2 * Margin), Y: Margin + q.Y * (Panel - 2 * Margin)));
        for (var to = 0; to < points.Length; to++)
            foreach (var (from, weight) in mixing.Received(to))
            {
                var both = mixing.Graph.Neighbours(from).Contains(to);
                if (!both || from < to) Edge(points[from], points[to], weight, both);
            }
        for (var i = 0; i < points.Length; i++)
        {
            Line($"<circle cx=\"{points[i].X:F1}\" cy=\"{points[i].Y:F1}\" r=\"{_radius:F1}\" fill=\"{Blue}\"/>");
            if (points.Length <= MostLabels) Label(points[i].X, points[i].Y + 3.5, 10, "#fff", $"{i}");
        }
    }

    /// <summary>A line that ends where the circle of the receiver begins, with an arrow if it goes one way.</summary>
    private void Edge((double X, double Y) from, (double X, double Y) to, double weight, bool both)
    {
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var inside = _radius / Math.Max(_radius, Math.Sqrt(dx * dx + dy * dy));
        Line($"<line x1=\"{from.X:F1}\" y1=\"{from.Y:F1}\"");
        Line($" x2=\"{to.X - dx * inside:F1}\" y2=\"{to.Y - dy * inside:F1}\" stroke=\"{Grey}\"");
        Line($" stroke-width=\"{0.6 + 1.8 * weight:F2}\"{(both ? "" : " marker-end=\"url(#arrow)\"")}/>");
    }

    private void Label(double x, double y, int size, string color, string text)
    {
        Line($"<text x=\"{x:F1}\" y=\"{y:F1}\" font-size=\"{size}\"");
        Line($" text-anchor=\"middle\" fill=\"{color}\">{text}</text>");
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
