using System.Globalization;
using System.Xml;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Given;

/// <summary>Reads GraphML: nodes get ranks in the order of the file, edges may have an attribute "weight".</summary>
/// <remarks>
/// Files come from anywhere: no document type, no entities, nothing is fetched. One flat graph; ports, hyperedges and
/// nested graphs are refused.
/// </remarks>
internal sealed class GraphMl
{
    private readonly Dictionary<string, int> _ranks = new(StringComparer.Ordinal);
    private readonly List<(string Source, string Target, double? Weight)> _edges = [];
    private readonly string _path;
    private string? _weightKey;
    private double? _defaultWeight;
    private bool? _directed;

    private GraphMl(string path) => _path = path;

    /// <summary>The edges of a file.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="ExperimentException">It is no GraphML that we can use.</exception>
    public static (IReadOnlyList<FileEdge> Edges, bool Directed) Read(Stream stream, string path)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = EdgeFile.LargestFile,
            IgnoreComments = true,
            IgnoreWhitespace = true,
        };
        try
        {
            using var xml = XmlReader.Create(stream, settings);
            return new GraphMl(path).Read(xml);
        }
        catch (XmlException e)
        {
            throw EdgeFile.Wrong($"The file '{path}' is no GraphML, or has a document type, which is not read: "
                + $"{Spelling.Lower(e.Message)}");
        }
    }

    private (IReadOnlyList<FileEdge> Edges, bool Directed) Read(XmlReader xml)
    {
        xml.MoveToContent();
        if (xml.LocalName != "graphml") throw Wrong($"begins with <{xml.LocalName}>, not <graphml>");
        while (xml.Read())
            if (xml.NodeType == XmlNodeType.Element) Element(xml);
        if (_directed is null) throw Wrong("has no <graph>");
        var edges = new List<FileEdge>();
        foreach (var (source, target, weight) in _edges)
            EdgeFile.Add(edges, new(RankOf(source), RankOf(target), weight), _path);
        return (edges, _directed.Value);
    }

    private void Element(XmlReader xml)
    {
        switch (xml.LocalName)
        {
            case "key" when xml.GetAttribute("attr.name") == "weight"
                && xml.GetAttribute("for") is "edge" or "all" or null:
                _weightKey = xml.GetAttribute("id");
                _defaultWeight = NumberIn(xml, "default", _ => true);
                break;
            case "graph":
                if (_directed is not null) throw Wrong("has more than one <graph>");
                _directed = xml.GetAttribute("edgedefault") == "directed";
                break;
            case "node":
                if (!_ranks.TryAdd(Attribute(xml, "id"), _ranks.Count))
                    throw Wrong($"has two nodes '{xml.GetAttribute("id")}'");
                break;
            case "edge":
                Edge(xml);
                break;
            case "hyperedge" or "port":
                throw Wrong($"has a <{xml.LocalName}>");
        }
    }

    private void Edge(XmlReader xml)
    {
        if (_edges.Count > EdgeFile.MostEdges) EdgeFile.Add([.. new FileEdge[EdgeFile.MostEdges]], default, _path);
        var (source, target) = (Attribute(xml, "source"), Attribute(xml, "target"));
        if (xml.GetAttribute("directed") is { } own && own == "true" != _directed)
            throw Wrong("mixes directed and undirected edges");
        var weight = NumberIn(xml, "data", data => data.GetAttribute("key") is { } key && key == _weightKey);
        _edges.Add((source, target, weight ?? _defaultWeight));
    }

    /// <summary>The number in an element within this one; null if there is none.</summary>
    private double? NumberIn(XmlReader xml, string element, Func<XmlReader, bool> isIt)
    {
        if (xml.IsEmptyElement) return null;
        double? number = null;
        using var inner = xml.ReadSubtree();
        while (inner.Read())
            if (inner.NodeType == XmlNodeType.Element && inner.LocalName == element && isIt(inner))
                number = Number(inner.ReadElementContentAsString());
        return number;
    }

    private double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number
            : throw Wrong($"has the weight {Spelling.Quote(text)}, which is no number");

    private string Attribute(XmlReader xml, string name) =>
        xml.GetAttribute(name) ?? throw Wrong($"has a <{xml.LocalName}> without {name}");

    private int RankOf(string id) =>
        _ranks.TryGetValue(id, out var rank)
            ? rank
            : throw Wrong($"has an edge to {Spelling.Quote(id)}, which is no node");

    private ExperimentException Wrong(string what) =>
        EdgeFile.Wrong(
            $"The file '{_path}' {what}; one graph of nodes and edges, all directed or all not, can be read.");
}
