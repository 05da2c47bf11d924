using System.Globalization;
using System.Text;
using System.Text.Json;
using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Records.Reports;

/// <summary>
/// A round's report as one line of JSON that reads back to the same bits: what a journal keeps of a round.
/// </summary>
/// <remarks>
/// A node is an array: rank, round, seconds, steps, sent, received, four sums, and why it was absent. A sum is as many
/// numbers in all of a report: samples, what the task sums up (one number or more), loss, samples without a finite
/// loss. A number that is not finite is a string, its bits in hexadecimal. Simulated time, where there is one, is an
/// array: seconds, mean, least and most staleness. A peer score, where there are any, is an array: rank, measure, rank
/// of the other, value. So is a metric's value, of a node: rank, metric, value, weight; of the round itself it has rank
/// -1.
/// </remarks>
public static class RoundReportJson
{
    private const int FirstSum = 6;
    private const int OfRound = -1;
    private const int Sums = 4;
    private const int OwnParts = 3; // of a sum, besides those of the task

    /// <summary>The report as one line.</summary>
    /// <param name="report">The report.</param>
    public static string Write(RoundReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, RecordJson.Compact))
        {
            json.WriteStartObject();
            json.WriteNumber("round", report.Round);
            json.WritePropertyName("seconds");
            WriteDouble(json, report.Seconds);
            json.WriteNumber("wireBytes", report.WireBytes);
            if (report.Model is { } model) json.WriteNumber("model", model);
            if (!double.IsNaN(report.SimulatedSeconds)) WriteSimulated(json, report);
            json.WriteStartArray("nodes");
            var others = report.Nodes.SelectMany(SumsOf).Select(s => s.Count).DefaultIfEmpty().Max();
            foreach (var node in report.Nodes) WriteNode(json, node, Math.Max(1, others));
            json.WriteEndArray();
            if (report.Nodes.Any(n => n.PeerScores.Count > 0)) WritePeerScores(json, report);
            if (report.Metrics.Count > 0 || report.Nodes.Any(n => n.Metrics.Count > 0)) WriteMetrics(json, report);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Reads a report.</summary>
    /// <param name="line">What <see cref="Write"/> gave.</param>
    /// <exception cref="FormatException">It is something else.</exception>
    public static RoundReport Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            var report = new RoundReport(root.GetProperty("round").GetInt32(),
                [.. root.GetProperty("nodes").EnumerateArray().Select(ReadNode)],
                ReadDouble(root.GetProperty("seconds")), root.GetProperty("wireBytes").GetInt64());
            if (root.TryGetProperty("model", out var model)) report = report with { Model = model.GetInt32() };
            if (root.TryGetProperty("peerScores", out var found)) report = ReadPeerScores(report, found);
            if (root.TryGetProperty("metrics", out var values)) report = ReadMetrics(report, values);
            return root.TryGetProperty("simulated-time", out var parts) ? ReadSimulated(report, parts) : report;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException or IndexOutOfRangeException)
        {
            throw new FormatException($"This is no report of a round: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static void WriteSimulated(Utf8JsonWriter json, RoundReport report)
    {
        json.WriteStartArray("simulated-time");
        foreach (var number in (ReadOnlySpan<double>)[report.SimulatedSeconds, report.Staleness.Mean,
            report.Staleness.Min, report.Staleness.Max])
            WriteDouble(json, number);
        json.WriteEndArray();
    }

    private static RoundReport ReadSimulated(RoundReport report, JsonElement parts)
    {
        double[] numbers = [.. parts.EnumerateArray().Select(ReadDouble)];
        if (numbers.Length != 4) throw new FormatException($"its simulated time has {numbers.Length} parts");
        return report with
        {
            SimulatedSeconds = numbers[0],
            Staleness = new Spread(numbers[1], numbers[2], numbers[3])
        };
    }

    private static void WritePeerScores(Utf8JsonWriter json, RoundReport report)
    {
        json.WriteStartArray("peerScores");
        foreach (var node in report.Nodes)
            foreach (var peerScore in node.PeerScores)
            {
                json.WriteStartArray();
                json.WriteNumberValue(node.Node);
                json.WriteStringValue(peerScore.Measure);
                json.WriteNumberValue(peerScore.Other);
                WriteDouble(json, peerScore.Value);
                json.WriteEndArray();
            }
        json.WriteEndArray();
    }

    private static RoundReport ReadPeerScores(RoundReport report, JsonElement found)
    {
        // written as a string
        var byNode = found.EnumerateArray()
            .ToLookup(f => f[0].GetInt32(), f => new PeerScore(f[1].GetString()!, f[2].GetInt32(), ReadDouble(f[3])));
        return report with { Nodes = [.. report.Nodes.Select(n => n with { PeerScores = [.. byNode[n.Node]] })] };
    }

    private static void WriteMetrics(Utf8JsonWriter json, RoundReport report)
    {
        json.WriteStartArray("metrics");
        foreach (var (node, metric) in report.Nodes.SelectMany(n => n.Metrics.Select(m => (n.Node, m)))
            .Concat(report.Metrics.Select(m => (OfRound, m))))
        {
            json.WriteStartArray();
            json.WriteNumberValue(node);
            json.WriteStringValue(metric.Metric);
            WriteDouble(json, metric.Value);
            WriteDouble(json, metric.Weight);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static RoundReport ReadMetrics(RoundReport report, JsonElement values)
    {
        var byNode = values.EnumerateArray().ToLookup(v => v[0].GetInt32(), v => new MergedMetric(v[1].GetString()
            ?? throw new FormatException("a metric has no name"), ReadDouble(v[2]), ReadDouble(v[3])));
        return report with
        {
            Nodes = [.. report.Nodes.Select(n => n with { Metrics = [.. byNode[n.Node]] })],
            Metrics = [.. byNode[OfRound]],
        };
    }

    private static IEnumerable<MetricSums> SumsOf(NodeReport node) =>
        [node.Training, node.Validation, node.Test, node.LocalTest];

    private static void WriteNode(Utf8JsonWriter json, NodeReport node, int others)
    {
        json.WriteStartArray();
        json.WriteNumberValue(node.Node);
        json.WriteNumberValue(node.Round);
        WriteDouble(json, node.TrainSeconds);
        json.WriteNumberValue(node.Steps);
        json.WriteNumberValue(node.SentBytes);
        json.WriteNumberValue(node.ReceivedBytes);
        foreach (var sum in SumsOf(node))
        {
            json.WriteNumberValue(sum.Samples);
            for (var i = 0; i < others; i++) json.WriteRawValue(sum[i].ToString(CultureInfo.InvariantCulture));
            json.WriteRawValue(sum.LossFixed.ToString(CultureInfo.InvariantCulture));
            json.WriteNumberValue(sum.NotFinite);
        }
        if (node.Absence is not null) json.WriteStringValue(node.Absence);
        json.WriteEndArray();
    }

    private static NodeReport ReadNode(JsonElement node)
    {
        JsonElement[] parts = [.. node.EnumerateArray()];
        var width = (parts.Length - FirstSum) / Sums; // a reason for absence does not make up a whole sum
        var absence = FirstSum + (Sums * width);
        if (width <= OwnParts || parts.Length > absence + 1)
            throw new FormatException($"a node has {parts.Length} parts");
        return new NodeReport(parts[0].GetInt32(), parts[1].GetInt32(), Sum(0), Sum(1), Sum(2), Sum(3),
            parts[4].GetInt64(), parts[5].GetInt64(), parts[3].GetInt64(), ReadDouble(parts[2]), parts.Length > absence
                ? parts[absence].GetString() ?? throw new FormatException("an absence has no reason")
                : null);

        MetricSums Sum(int index)
        {
            var sum = parts.AsSpan(FirstSum + (index * width), width);
            var others = new Int128[width - OwnParts];
            for (var i = 0; i < others.Length; i++) others[i] = Whole(sum[i + 1]);
            return new(sum[0].GetInt64(), sum[^1].GetInt64(), Whole(sum[^2]), others);
        }
    }

    private static Int128 Whole(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number
            && Int128.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out var whole)
                ? whole
            : throw new FormatException($"{value.GetRawText()} is no whole number");

    private static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteStringValue($"{BitConverter.DoubleToUInt64Bits(value):x16}");
    }

    private static double ReadDouble(JsonElement value) => value.ValueKind == JsonValueKind.String
        // a string, so not null
        ? BitConverter.UInt64BitsToDouble(ulong.Parse(value.GetString()!, NumberStyles.AllowHexSpecifier))
        : value.GetDouble();
}
