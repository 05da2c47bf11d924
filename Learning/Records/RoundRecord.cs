using System.Text;
using System.Text.Json;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Records.TensorBoard;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Records;

/// <summary>
/// The rounds of a run in four forms with the same numbers: JSON lines, two CSV files, TensorBoard; and what nodes
/// found of each other, if they note it.
/// </summary>
internal sealed class RoundRecord : IDisposable
{
    /// <summary>Runs of more nodes have no curves of single nodes; their numbers are in <c>nodes.csv</c>.</summary>
    public const int MaxNodesInTensorBoard = 100;

    private const string PeerScoresFile = "peer_scores.csv";
    private const string TensorBoardFolder = "tensorboard";
    private static readonly string[] LineFiles = ["nodes.csv", "metrics.csv", RunFolder.MetricsFile];

    private readonly Lock _lock = new();
    private readonly IReadOnlyList<ReportColumn<RoundReport>> _ofRound;
    private readonly IReadOnlyList<ReportColumn<NodeReport>> _ofNode;
    private string _folder;
    private readonly LineFile _nodesCsv;
    private readonly LineFile _roundsCsv;
    private readonly TensorBoardFile _tensorBoard;
    private readonly LineFile _roundsJson;
    private LineFile? _findingsCsv; // begun when there are some

    /// <summary>Begins the files in a run's folder.</summary>
    public RoundRecord(string folder, TimeProvider time, LearningTask task, IReadOnlyList<Metric> metrics)
    {
        _folder = folder;
        (_ofRound, _ofNode) = (ReportColumns.OfRound(task, metrics), ReportColumns.OfNode(task, metrics));
        _nodesCsv = new LineFile(Path.Combine(folder, "nodes.csv"),
            string.Join(',', ["round", "node", "absence", .. _ofNode.Select(c => c.Name)]));
        _roundsCsv = new LineFile(Path.Combine(folder, "metrics.csv"),
            string.Join(',', ["round", .. _ofRound.Select(c => c.Name)]));
        _tensorBoard = TensorBoardFile.Create(Path.Combine(folder, TensorBoardFolder), time);
        _roundsJson = new LineFile(Path.Combine(folder, RunFolder.MetricsFile));
    }

    /// <summary>Puts the files in the place of those of another folder, and goes on writing them there.</summary>
    public void MoveTo(string from, string to)
    {
        foreach (var file in LineFiles) File.Move(Path.Combine(from, file), Path.Combine(to, file), overwrite: true);
        File.Delete(Path.Combine(to, PeerScoresFile));
        if (_findingsCsv is not null) File.Move(Path.Combine(from, PeerScoresFile), Path.Combine(to, PeerScoresFile));
        _folder = to;
        var (curves, old) = (Directory.CreateDirectory(Path.Combine(to, TensorBoardFolder)).FullName,
            Path.GetFileName(_tensorBoard.Path));
        foreach (var file in Directory.GetFiles(curves)) File.Delete(file);
        File.Move(_tensorBoard.Path, Path.Combine(curves, old));
    }

    /// <summary>
    /// Adds a round to all files. The JSON line is the last to be written: a round that has one is whole.
    /// </summary>
    public void Append(RoundReport report)
    {
        var values = Measure(_ofRound, report);
        lock (_lock)
        {
            foreach (var node in report.Nodes) AppendNode(report, node);
            _nodesCsv.Flush();
            AppendPeerScores(report);
            _roundsCsv.AppendNow(Row([$"{report.Round}"], values));
            _tensorBoard.Write(report.Round, Scalars(_ofRound, "", values));
            _tensorBoard.Flush();
            _roundsJson.AppendNow(JsonLine(report.Round, values));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _nodesCsv.Dispose();
        _findingsCsv?.Dispose();
        _roundsCsv.Dispose();
        _tensorBoard.Dispose();
        _roundsJson.Dispose();
    }

    private void AppendNode(RoundReport report, NodeReport node)
    {
        var values = Measure(_ofNode, node);
        _nodesCsv.Append(Row([$"{report.Round}", $"{node.Node}", Field(node.Absence ?? "")], values));
        if (report.Nodes.Count > MaxNodesInTensorBoard) return;
        var group = ReportColumns.NameOfNode(node.Node) + "/";
        _tensorBoard.Write(report.Round, Scalars(_ofNode, group, values));
    }

    private void AppendPeerScores(RoundReport report)
    {
        if (report.Nodes.All(n => n.PeerScores.Count == 0)) return;
        _findingsCsv ??= new LineFile(Path.Combine(_folder, PeerScoresFile), "round,node,other,measure,value");
        foreach (var node in report.Nodes)
            foreach (var peerScore in node.PeerScores)
                _findingsCsv.Append(Row([$"{report.Round}", $"{node.Node}", $"{peerScore.Other}",
                    Field(peerScore.Measure)], [peerScore.Value]));
        _findingsCsv.Flush();
    }

    private static double[] Measure<T>(IReadOnlyList<ReportColumn<T>> columns, T report) =>
        [.. columns.Select(c => c.Value(report))];

    private static string Row(string[] keys, double[] values) =>
        string.Join(',', [.. keys, .. values.Select(v => double.IsFinite(v) ? $"{v}" : "")]);

    private static List<Scalar> Scalars<T>(IReadOnlyList<ReportColumn<T>> columns, string group, double[] values) =>
        [.. columns.Zip(values).Where(c => double.IsFinite(c.Second))
            .Select(c => new Scalar(group + c.First.Tag, (float)c.Second))];

    private string JsonLine(int round, double[] values)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, RecordJson.Compact))
        {
            json.WriteStartObject();
            json.WriteNumber("round", round);
            foreach (var (column, value) in _ofRound.Zip(values))
                if (double.IsFinite(value)) json.WriteNumber(column.Name, value);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    // A record is one line, so that a torn file loses one record: line breaks become blanks.
    private static string Field(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.AsSpan().IndexOfAny(',', '"') < 0 ? line : $"\"{line.Replace("\"", "\"\"")}\"";
    }
}
