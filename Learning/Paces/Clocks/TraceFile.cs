using System.Globalization;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>Reads traces of nodes: CSV whose first line names the columns, one of them <c>node</c>.</summary>
/// <remarks>Empty lines, and what follows #, are left out. Fields are numbers, so that no quotes are needed.</remarks>
internal static class TraceFile
{
    private const int LargestFile = 4 << 20;
    private const int MostRows = 50_000;
    private const int ShownOfLine = 60;
    private const string Node = "node";

    /// <summary>Some columns of a file, row by row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Names of the columns besides <c>node</c>.</param>
    /// <exception cref="ExperimentException">The file is not there, too large or wrong; a wrong line is named by its
    /// number.</exception>
    public static IReadOnlyList<TraceRow> Read(string path, params string[] columns)
    {
        using var reader = new StreamReader(new MemoryStream(UserFile.Read(path, LargestFile, Wrong)));
        return Rows(reader, path, columns);
    }

    /// <summary>An error of the pace that names a file.</summary>
    public static ExperimentException Wrong(string message) => new([new ValidationError("$.pace", message)]);

    private static List<TraceRow> Rows(TextReader reader, string path, string[] columns)
    {
        int[]? places = null;
        var width = 0;
        var rows = new List<TraceRow>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            var fields = line.Split('#')[0].Split(',', StringSplitOptions.TrimEntries);
            if (fields is [""]) continue;
            var row = new TraceRow(path, number, 0, []);
            if (places is null)
            {
                (places, width) = ([.. columns.Prepend(Node).Select(c => PlaceOf(c, fields, row))], fields.Length);
                continue;
            }
            if (fields.Length != width)
                throw row.Wrong(
                    $"it has {fields.Length} fields where the first line names {width} columns: {Shown(line)}");
            if (rows.Count == MostRows)
                throw row.Wrong($"there are more than {MostRows} rows; that is too many for an experiment");
            if (!int.TryParse(fields[places[0]], NumberStyles.None, CultureInfo.InvariantCulture, out var node))
                throw row.Wrong($"{Shown(fields[places[0]])} is no node; write its rank, from 0");
            rows.Add(row with { Node = node, Values = [.. places[1..].Select(p => Number(fields[p], row))] });
        }
        return rows.Count > 0 ? rows : throw Wrong($"The file '{path}' has no rows; "
            + $"write a line '{string.Join(',', columns.Prepend(Node))}' and one for each entry.");
    }

    private static int PlaceOf(string column, string[] names, TraceRow row)
    {
        var place = Array.IndexOf(names, column);
        return place >= 0
            ? place
            : throw row.Wrong($"it must name the columns, and names no '{column}': {Shown(string.Join(',', names))}");
    }

    private static double Number(string field, TraceRow row) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number
            : throw row.Wrong($"{Shown(field)} is no number; write one such as 0.5");

    private static string Shown(string text) =>
        Spelling.Quote(text.Length <= ShownOfLine ? text : text[..ShownOfLine] + "…");
}

/// <summary>A line of a trace.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Node">Rank of the node, from 0.</param>
/// <param name="Values">The columns that were asked for, in that order.</param>
internal sealed record TraceRow(string Path, int Line, int Node, double[] Values)
{
    /// <summary>An error of this line.</summary>
    /// <param name="what">What is wrong, and what would do.</param>
    public ExperimentException Wrong(string what) => TraceFile.Wrong($"Line {Line} of '{Path}': {what}.");
}
