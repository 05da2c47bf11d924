using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>Shows what exchanging and combining cost at different sizes.</summary>
internal static class SizeReport
{
    /// <summary>A row a size; the last columns would be the same in each row if cost were linear.</summary>
    /// <param name="points">One series.</param>
    public static BenchTable Table(IReadOnlyList<SizePoint> points) =>
        new(["nodes", "model", "s of exchange a round", "µs a node", "ns a kB received", "peak MiB",
            "kB a node beyond the least"], [.. points.Select(p => (string[])[$"{p.Nodes:N0}", Size(p.ModelBytes),
                $"{p.Seconds:N3}", $"{p.Seconds / p.Nodes * 1e6:N0}", $"{p.Seconds / p.ReceivedUpdate * 1e12:N0}",
                $"{p.PeakBytes / 1048576.0:N0}",
                p == points[0] ? "–" : $"{(p.PeakBytes - points[0].PeakBytes) / 1000.0 / p.Nodes:N1}"])]);

    /// <summary>Draws both series, cost and memory against bytes of all weights, as SVG.</summary>
    /// <param name="byNodes">Over numbers of nodes.</param>
    /// <param name="byModel">Over lengths of models.</param>
    /// <param name="file">Where to.</param>
    public static void Plot(IReadOnlyList<SizePoint> byNodes, IReadOnlyList<SizePoint> byModel, string file)
    {
        var plot = new PlotModel { Title = "Exchange and combine, a round", Background = OxyColors.White };
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.TopLeft });
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Title = "bytes of the weights of all nodes",
            MajorGridlineStyle = LineStyle.Dot
        });
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Left,
            Title = "seconds",
            MajorGridlineStyle = LineStyle.Dot
        });
        plot.Axes.Add(
            new LogarithmicAxis { Position = AxisPosition.Right, Title = "bytes of memory at the peak", Key = Memory });
        plot.Series.Add(
            Line("seconds: 10 to 100,000 nodes of 31 kB", byNodes, p => p.Seconds, OxyColors.SteelBlue, null));
        plot.Series.Add(
            Line("seconds: 8 nodes of 8 kB to 250 MB", byModel, p => p.Seconds, OxyColors.DarkOrange, null));
        plot.Series.Add(Line("memory: 10 to 100,000 nodes", byNodes, p => p.PeakBytes, OxyColors.SteelBlue, Memory));
        plot.Series.Add(Line("memory: 8 nodes", byModel, p => p.PeakBytes, OxyColors.DarkOrange, Memory));
        using var stream = File.Create(file);
        new SvgExporter { Width = 900, Height = 540 }.Export(plot, stream);
    }

    private const string Memory = "memory";

    private static LineSeries Line(
        string title, IReadOnlyList<SizePoint> points, Func<SizePoint, double> value, OxyColor color, string? axis)
    {
        var line = new LineSeries
        {
            Title = title,
            Color = color,
            MarkerType = axis is null ? MarkerType.Circle : MarkerType.None,
            LineStyle = axis is null ? LineStyle.Solid : LineStyle.Dash,
            YAxisKey = axis,
        };
        line.Points.AddRange(points.Select(p => new DataPoint((double)p.Nodes * p.ModelBytes, value(p))));
        return line;
    }

    private static string Size(long bytes) => bytes switch
    {
        < 1_000_000 => $"{bytes / 1e3:N0} kB",
        _ => $"{bytes / 1e6:G3} MB",
    };
}
