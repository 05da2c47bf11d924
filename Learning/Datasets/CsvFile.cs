using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Reads tables of numbers and names from text: one row a line, the same number of fields in each.</summary>
/// <remarks>
/// A file is refused for the first thing that is wrong, by line and column. How much memory is taken follows from the
/// length of the file, which is bounded, not from what it says.
/// </remarks>
internal sealed class CsvFile
{
    /// <summary>Largest file, in bytes.</summary>
    public const int LargestFile = 256 << 20;

    private const int MostCells = 32 << 20;

    private readonly string _path;
    private readonly byte[] _text;
    private readonly byte _separator;
    private int _position, _line;

    private CsvFile(string path, byte[] text, char separator) =>
        (_path, _text, _separator) = (path, text, (byte)separator);

    /// <summary>Names of the columns: those of the first line, or 1, 2, … where that holds numbers.</summary>
    public IReadOnlyList<string> Columns { get; private set; } = [];

    /// <summary>Opens a file and reads its first line.</summary>
    /// <param name="path">The file; it must be a regular one.</param>
    /// <param name="separator">What is between two fields.</param>
    /// <param name="header">Whether the first line names the columns.</param>
    /// <param name="sha256">What the file must have; empty if any will do.</param>
    /// <exception cref="ExperimentException">The file is not there, is too large or another one, or its first line is
    /// wrong.</exception>
    public static CsvFile Open(string path, char separator, bool header, string sha256)
    {
        var text = UserFile.Read(path, LargestFile, Wrong);
        if (sha256.Length > 0 && Convert.ToHexStringLower(SHA256.HashData(text)) is var found && found != sha256)
            throw Wrong($"The file '{path}' is not the one that the experiment names: "
                + $"its SHA-256 is {found}, not {sha256}; put the same file on each silo.");
        var file = new CsvFile(path, text, separator);
        if (text.AsSpan().StartsWith(Encoding.UTF8.Preamble)) file._position = 3;
        file.Columns = file.FirstLine(header);
        return file;
    }

    /// <summary>SHA-256 of a file, in lower-case hex.</summary>
    /// <param name="path">The file.</param>
    public static string Hash(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(UserFile.Read(path, LargestFile, Wrong)));

    /// <summary>How a file begins, as text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">How much of it.</param>
    public static string Start(string path, int bytes)
    {
        var text = UserFile.Read(path, LargestFile, Wrong);
        return Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(bytes, text.Length)));
    }

    /// <summary>The fields of the first line that is left.</summary>
    public string[] FirstRow()
    {
        if (!NextLine(out var line)) return [];
        var fields = new Range[Columns.Count];
        Split(line, fields);
        var row = new string[fields.Length];
        for (var c = 0; c < row.Length; c++) row[c] = Encoding.UTF8.GetString(line[fields[c]]).Trim();
        return row;
    }

    /// <summary>The error of a dataset that names a file.</summary>
    /// <param name="message">What is wrong.</param>
    public static ExperimentException Wrong(string message) => new([new ValidationError("$.dataset", message)]);

    /// <summary>Reads some columns of all rows.</summary>
    /// <param name="places">Which columns, from 0, and whether each is read as text whatever it holds.</param>
    /// <param name="missing">What stands where there is no value, besides nothing.</param>
    /// <param name="leavesOut">Whether a row without a value in one of the columns is left out; else it is
    /// refused.</param>
    /// <returns>The columns, in the order of <paramref name="places"/>.</returns>
    /// <exception cref="ExperimentException">A line is wrong; says which.</exception>
    public IReadOnlyList<CsvColumn> Read(
        IReadOnlyList<(int Place, bool AsText)> places, IReadOnlyList<string> missing, bool leavesOut)
    {
        byte[][] gaps = [[], .. missing.Select(Encoding.UTF8.GetBytes)];
        var rows = _text.AsSpan(_position).Count((byte)'\n') + 1;
        if ((long)rows * places.Count > MostCells)
            throw Wrong($"The file '{_path}' has {rows} lines; with {places.Count} columns at most "
                + $"{MostCells / places.Count} are read. Name fewer columns, or take a part of it.");
        CsvColumn[] columns = [.. places.Select(p => new CsvColumn(Columns[p.Place], p.AsText, rows))];
        var fields = new Range[Columns.Count];
        while (NextLine(out var line))
        {
            Split(line, fields);
            if (Gap(line, fields, places, gaps) is { } place)
            {
                if (leavesOut) continue;
                throw At($"there is nothing in the column {Spelling.Quote(Columns[place])}; fill it in, leave the "
                    + "column out, or set missing to leave-out");
            }
            for (var c = 0; c < columns.Length; c++)
                if (columns[c].Add(line[fields[places[c].Place]].Trim((byte)' ')) is { } reason)
                    throw At(reason);
        }
        return columns;
    }

    /// <summary>Reads all rows that are left.</summary>
    /// <param name="take">Takes each: the line, and where the fields of the columns are in it.</param>
    /// <exception cref="ExperimentException">A line is wrong; says which.</exception>
    public void ReadRows(RowReader take)
    {
        var fields = new Range[Columns.Count];
        while (NextLine(out var line))
        {
            Split(line, fields);
            take(line, fields);
        }
    }

    /// <summary>Takes a row.</summary>
    /// <param name="line">The line.</param>
    /// <param name="fields">Where the fields of the columns are in it.</param>
    public delegate void RowReader(ReadOnlySpan<byte> line, ReadOnlySpan<Range> fields);

    /// <summary>The first of some columns that has no value in a line; null if all have one.</summary>
    private static int? Gap(ReadOnlySpan<byte> line, Range[] fields, IReadOnlyList<(int Place, bool AsText)> places,
        byte[][] gaps)
    {
        foreach (var (place, _) in places)
        {
            var field = line[fields[place]].Trim((byte)' ');
            foreach (var gap in gaps)
                if (field.SequenceEqual(gap)) return place;
        }
        return null;
    }

    private string[] FirstLine(bool header)
    {
        var start = (_position, _line);
        if (!NextLine(out var line)) throw Wrong($"The file '{_path}' holds no line.");
        var fields = new Range[line.Count(_separator) + 1];
        var count = Split(line, fields, exact: false);
        if (!header)
        {
            (_position, _line) = start;
            return [.. Enumerable.Range(1, count).Select(n => n.ToString(CultureInfo.InvariantCulture))];
        }
        var names = new string[count];
        for (var i = 0; i < count; i++)
        {
            names[i] = Encoding.UTF8.GetString(line[fields[i]]).Trim();
            if (names[i].Length == 0) throw At($"column {i + 1} has no name");
            if (Array.IndexOf(names, names[i], 0, i) >= 0)
                throw At($"two columns are named {Spelling.Quote(names[i])}");
        }
        return names;
    }

    /// <summary>The next line that holds something.</summary>
    private bool NextLine(out ReadOnlySpan<byte> line)
    {
        while (_position < _text.Length)
        {
            var rest = _text.AsSpan(_position);
            var end = rest.IndexOf((byte)'\n');
            line = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
            _position += line.Length < rest.Length && end >= 0 ? end + 1 : rest.Length;
            _line++;
            if (!line.Trim((byte)' ').IsEmpty) return true;
        }
        line = [];
        return false;
    }

    /// <summary>Cuts a line into fields, quotes around them left out.</summary>
    private int Split(ReadOnlySpan<byte> line, Range[] fields, bool exact = true)
    {
        var (count, start) = (0, 0);
        while (start <= line.Length)
        {
            var quoted = start < line.Length && line[start] == '"';
            var end = quoted
                ? Close(line, start)
                : line[start..].IndexOf(_separator) is var at && at < 0 ? line.Length : start + at;
            if (count < fields.Length) fields[count] = quoted ? (start + 1)..(end - 1) : start..end;
            count++;
            start = end + 1;
        }
        if (exact && count != fields.Length)
            throw At($"it has {count} fields, where there are {fields.Length} columns");
        return count;
    }

    /// <summary>Where a quoted field ends.</summary>
    private int Close(ReadOnlySpan<byte> line, int start)
    {
        var close = line[(start + 1)..].IndexOf((byte)'"');
        if (close < 0) throw At("a quote is not closed");
        var end = start + close + 2;
        return end == line.Length || line[end] == _separator ? end : throw At("something follows a quoted field");
    }

    private ExperimentException At(string reason) => Wrong($"The file '{_path}' is wrong in line {_line}: {reason}.");
}
