using System.Text.Json;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Records.Reports;

/// <summary>The numbers of one round as a run's folder holds them.</summary>
/// <param name="Round">The round.</param>
/// <param name="Values">
/// Numbers by the names of <see cref="ReportColumns"/>; what was not measured is absent.
/// </param>
public sealed record RoundRow(int Round, IReadOnlyDictionary<string, double> Values)
{
    private const int MaxLineLength = 64 << 10;

    /// <summary>One number; NaN if it was not measured.</summary>
    /// <param name="column">Name of the column.</param>
    public double this[string column] => Values.TryGetValue(column, out var value) ? value : double.NaN;

    /// <summary>All rounds of a <c>metrics.jsonl</c>; empty if there is no file.</summary>
    internal static List<RoundRow> ReadAll(string path)
    {
        var rows = new List<RoundRow>();
        if (!UserFile.HoldsSomething(path)) return rows;
        using var stream = UserFile.Open(path, long.MaxValue, m => new ExperimentException(m), buffer: 1);
        var buffer = new byte[MaxLineLength];
        for (var kept = 0; ;)
        {
            var read = stream.Read(buffer, kept, buffer.Length - kept);
            if (read == 0) return rows; // a line without its end was cut by a kill, or is being written
            var filled = kept + read;
            var used = Parse(buffer.AsSpan(0, filled), rows, path);
            if (used == 0 && filled == buffer.Length)
                throw Damaged(path, rows.Count + 1, $"the line is longer than {MaxLineLength} bytes");
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            kept = filled - used;
        }
    }

    private static int Parse(ReadOnlySpan<byte> text, List<RoundRow> rows, string path)
    {
        var used = 0;
        for (int end; (end = text[used..].IndexOf((byte)'\n')) >= 0; used += end + 1)
        {
            try
            {
                rows.Add(Parse(text.Slice(used, end)));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw Damaged(path, rows.Count + 1, e.Message);
            }
        }
        return used;
    }

    private static RoundRow Parse(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 1 });
        int? round = null;
        var values = new Dictionary<string, double>();
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("expected an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number) throw new JsonException($"'{name}' is not a number");
            if (name == "round") round = reader.TryGetInt32(out var r) ? r : null;
            else if (reader.TryGetDouble(out var number)) values[name] = number;
        }
        reader.Read(); // throws on anything after the object
        return new RoundRow(round ?? throw new JsonException("it has no whole number 'round'"), values);
    }

    private static ExperimentException Damaged(string path, int line, string reason) =>
        new($"{path} is damaged in line {line}: {reason.TrimEnd('.')}.");
}
