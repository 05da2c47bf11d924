using System.Text.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Learning.Records;

public sealed partial class RunFolder
{
    private const string FinalWeights = "final.safetensors";
    private const string BestWeights = "best.safetensors";

    /// <summary>Writes what the run is made with.</summary>
    /// <param name="manifest">Versions, machine, seed.</param>
    public void WriteManifest(RunManifest manifest) => WriteWhole(ManifestFile, manifest);

    /// <summary>Writes how the run ended.</summary>
    /// <param name="summary">Status and results; its status is finished, failed or stopped.</param>
    public void WriteSummary(RunSummary summary)
    {
        if (summary.Status is RunOutcome.Running or RunOutcome.Unfinished)
            throw new ArgumentException($"A run does not end as {summary.Status}.", nameof(summary));
        WriteWhole(SummaryFile, summary.Written());
    }

    /// <summary>Writes which identity sits at which rank.</summary>
    /// <param name="seats">The seats in rank order.</param>
    public void WriteSeats(IReadOnlyList<RunSeat> seats) => WriteWhole("seats.json", seats);

    /// <summary>
    /// Writes the experiment as it went, changes of the members included: run again, it gives the same bytes.
    /// </summary>
    /// <param name="json">The experiment's canonical text.</param>
    public void WriteReplay(string json) => AtomicFile.WriteText(In("replay.json"), json);

    /// <summary>
    /// Adds to <c>silos.csv</c> what a silo sent to and received from other silos and clients in a round, in bytes.
    /// </summary>
    /// <remarks>A round that is done again after a loss has further lines: those bytes were sent, too.</remarks>
    /// <param name="round">Rounds done.</param>
    /// <param name="silo">Name of the silo.</param>
    /// <param name="payloadSent">Weights that other silos read there.</param>
    /// <param name="payloadReceived">Weights that it read from other silos.</param>
    /// <param name="controlSent">All else that it sent.</param>
    /// <param name="controlReceived">All else that it received.</param>
    public void AppendTraffic(
        int round, string silo, long payloadSent, long payloadReceived, long controlSent, long controlReceived)
    {
        RowFile.Append(In("silos.csv"), "round,silo,payload_sent,payload_received,control_sent,control_received",
            [$"{round},{silo},{payloadSent},{payloadReceived},{controlSent},{controlReceived}"]);
    }

    /// <summary>
    /// Adds to <c>phases.csv</c> and <c>lanes.csv</c> where the time of a round went; times are not part of what equal
    /// runs have alike.
    /// </summary>
    /// <remarks>A round that was given up or is done again has further lines: that time was spent, too.</remarks>
    /// <param name="phases">What the run was at.</param>
    /// <param name="lanes">What the lanes of its silos did.</param>
    public void AppendTimes(IReadOnlyList<PhaseRow> phases, IReadOnlyList<LaneRow> lanes)
    {
        RowFile.Append(In(PhaseRow.File), PhaseRow.Header, [.. phases.Select(p => p.Line)]);
        RowFile.Append(In(LaneRow.File), LaneRow.Header, [.. lanes.Select(l => l.Line)]);
    }

    /// <summary>Writes which samples each node holds.</summary>
    /// <param name="nodes">The nodes in rank order; may be a sequence that is computed as it is written.</param>
    public void WriteSplit(IEnumerable<NodeSplit> nodes) => WriteCompact("split.json", json =>
    {
        json.WriteStartArray("nodes");
        foreach (var node in nodes)
        {
            json.WriteStartObject();
            json.WriteNumber("node", node.Node);
            WriteIndices(json, "train", node.Train);
            WriteIndices(json, "validation", node.Validation);
            WriteIndices(json, "test", node.Test);
            json.WriteEndObject();
            json.Flush();
        }
        json.WriteEndArray();
    });

    /// <summary>Writes who receives from whom.</summary>
    /// <param name="graph">Edges and weights of each exchange.</param>
    public void WriteGraph(RunGraph graph) => WriteCompact("graph.json", json =>
    {
        json.WriteNumber("nodes", graph.Nodes);
        json.WriteNumber("period", graph.Period);
        WriteExchanges(json, graph.Exchanges);
        json.WriteStartArray("later");
        foreach (var later in graph.Later)
        {
            json.WriteStartObject();
            json.WriteNumber("round", later.Round);
            WriteExchanges(json, later.Exchanges);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    /// <summary>Writes <c>weights/final.safetensors</c>: the model that the run is about.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="layout">What their values mean.</param>
    /// <param name="round">The round that they are from.</param>
    public void WriteFinalWeights(ParameterVector weights, ParameterLayout layout, int round) =>
        WriteWeights(In(WeightsFolder, FinalWeights), weights, layout, round);

    /// <summary>
    /// Writes <c>weights/best.safetensors</c>: the model as it was after the round with the best test.
    /// </summary>
    /// <param name="weights">The weights.</param>
    /// <param name="layout">What their values mean.</param>
    /// <param name="round">The round that they are from.</param>
    public void WriteBestWeights(ParameterVector weights, ParameterLayout layout, int round) =>
        WriteWeights(In(WeightsFolder, BestWeights), weights, layout, round);

    /// <summary>Writes <c>weights/nodes/node-0003.safetensors</c>: the weights of one node.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="layout">What their values mean.</param>
    /// <param name="round">The round that they are from.</param>
    public void WriteNodeWeights(int node, ParameterVector weights, ParameterLayout layout, int round) => WriteWeights(
        In(WeightsFolder, NodeWeightsFolder, $"{ReportColumns.NameOfNode(node)}.safetensors"), weights, layout, round);

    // "format" is what Python loaders look for. Nothing names the run: equal runs leave equal files.
    private static void WriteWeights(string path, ParameterVector weights, ParameterLayout layout, int round) =>
        Safetensors.WriteFile(path, weights, layout,
            new Dictionary<string, string> { ["format"] = "pt", ["round"] = $"{round}" });

    private static void WriteIndices(Utf8JsonWriter json, string name, IReadOnlyList<int> indices)
    {
        json.WriteStartArray(name);
        foreach (var index in indices) json.WriteNumberValue(index);
        json.WriteEndArray();
    }

    private static void WriteExchanges(Utf8JsonWriter json, IReadOnlyList<IReadOnlyList<GraphEdge>> exchanges)
    {
        json.WriteStartArray("exchanges");
        foreach (var edges in exchanges)
        {
            json.WriteStartObject();
            json.WriteStartArray("edges");
            foreach (var edge in edges) WriteEdge(json, edge);
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
        }
        json.WriteEndArray();
    }

    private static void WriteEdge(Utf8JsonWriter json, GraphEdge edge)
    {
        json.WriteStartArray();
        json.WriteNumberValue(edge.From);
        json.WriteNumberValue(edge.To);
        json.WriteNumberValue(edge.Weight);
        json.WriteEndArray();
    }

    private void WriteWhole<T>(string file, T value) => AtomicFile.Write(In(file), stream =>
    {
        JsonSerializer.Serialize(stream, value, RecordJson.Options);
        stream.Write("\n"u8);
    });

    private void WriteCompact(string file, Action<Utf8JsonWriter> write) => AtomicFile.Write(In(file), stream =>
    {
        using (var json = new Utf8JsonWriter(stream, RecordJson.Compact))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        stream.Write("\n"u8);
    });
}
